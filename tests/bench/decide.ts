import { entryHash, linkHash, verifyChain } from '../../governance/audit.ts';
import { decide, decideModalities } from '../../governance/decide.ts';
import { facts, grant, NOW, release, researcher, row } from '../governance/a-world.ts';

interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
}

const BATCH = 100;

/** Microseconds of one call, as percentiles over batches of a hundred calls each. */
const measure = (what: string, call: () => unknown, batches: number): readonly Figure[] => {
  for (let warm = 0; warm < 2_000; warm += 1) call();
  const times = Array.from({ length: batches }, () => {
    const start = performance.now();
    for (let index = 0; index < BATCH; index += 1) call();
    return ((performance.now() - start) * 1_000) / BATCH;
  }).sort((one, other) => one - other);
  const at = (share: number): number => Number((times[Math.floor(times.length * share)] ?? 0).toFixed(2));
  return [
    { what: `${what}, p50`, unit: 'us', value: at(0.5) },
    { what: `${what}, p99`, unit: 'us', value: at(0.99) },
  ];
};

/** Times of decisions with facts loaded, for people with one grant, with twenty of each fact, and for a row. */
export const benchDecide = async (): Promise<readonly Figure[]> => {
  const few = facts();
  const many = facts({
    grants: Array.from({ length: 20 }, (_, index) => grant({ id: `grant-${index}` })),
    certificates: Array.from({ length: 4 }, () => few.certificates).flat(),
    halts: Array.from({ length: 20 }, (_, index) => ({
      id: `halt-${index}`,
      scope: 'GRANT' as const,
      target: `other-${index}`,
      from: NOW,
      liftedAt: null,
    })),
  });
  const named = { ...researcher, grantId: 'grant-19' };
  const video = { kind: 'modality', modality: 'VIDEO', release } as const;
  const one = { kind: 'row', modality: 'VIDEO', release, row: row(), span: null } as const;
  let link = '';
  const log = Array.from({ length: 20_000 }, (_, index) => {
    const text = `{"number":${index}}`;
    const hash = entryHash(text);
    link = linkHash(link, hash);
    return { position: index + 1, text, hash, link };
  });
  const start = performance.now();
  verifyChain(log);
  const perEntry = ((performance.now() - start) * 1_000) / log.length;
  return [
    ...measure('decide VIDEO', () => decide(researcher, 'READ', video, few, NOW), 200),
    ...measure(
      'decide VIDEO, 20 grants and halts, 24 certificates',
      () => decide(named, 'READ', video, many, NOW),
      200,
    ),
    ...measure('decide a row of VIDEO', () => decide(researcher, 'READ', one, few, NOW), 200),
    ...measure('decide all ten modalities', () => decideModalities(researcher, 'READ', release, few, NOW), 100),
    { what: 'verify one audit entry', unit: 'us', value: Number(perEntry.toFixed(2)) },
  ];
};
