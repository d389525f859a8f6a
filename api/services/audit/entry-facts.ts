/** What an entry's sealed text says, for lists: everything else stands in the text. */
export interface EntryDetail {
  command: string | null;
  request: string | null;
  releases: readonly string[];
  modalities: readonly string[];
  /** Number of patients. */
  patients: number | null;
  /** Sum over the kinds of rows. */
  rows: number | null;
  reasons: readonly string[];
  bytes: number | null;
}

const NOTHING: EntryDetail = {
  ...{
    command: null,
    request: null,
    releases: [],
    modalities: [],
    patients: null,
    rows: null,
    reasons: [],
    bytes: null,
  },
};

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Reads an entry's text; one that is no JSON (somebody altered it) says nothing. */
export function entryDetail(entry: string): EntryDetail {
  let said: Record<string, unknown>;
  try {
    said = JSON.parse(entry) as Record<string, unknown>;
  } catch {
    return NOTHING;
  }
  if (typeof said !== 'object' || said === null) return NOTHING;
  const rows = typeof said.rows === 'object' && said.rows !== null ? Object.values(said.rows) : [];
  const numbers = rows.filter((one): one is number => typeof one === 'number');
  const modality = text(said.modality);
  const release = text(said.release);
  const refused = Array.isArray(said.refused) ? (said.refused as { reasons?: { code?: unknown }[] }[]) : [];
  const reasons = [
    ...texts(said.reasons),
    ...refused.flatMap((one) => texts(one?.reasons?.map((reason) => reason?.code))),
    ...(texts(said.reasons).length === 0 && text(said.code) !== null ? [text(said.code)!] : []),
  ];
  return {
    command: text(said.command) ?? text(said.query),
    request: text(said.request),
    releases: release === null ? texts(said.releases) : [release],
    modalities: modality === null ? texts(said.modalities) : [modality],
    patients: Array.isArray(said.patients)
      ? said.patients.length
      : typeof said.patients === 'number'
        ? said.patients
        : null,
    rows:
      numbers.length > 0
        ? numbers.reduce((sum, one) => sum + one, 0)
        : typeof said.rows === 'number'
          ? said.rows
          : null,
    reasons: [...new Set(reasons)],
    bytes: typeof said.bytes === 'number' ? said.bytes : null,
  };
}
