/**
 * Node ids: base64url of a letter for the type, the release's UUID, the row's UUID and, where the row is one of many
 * in an array (frame, chunk) or has a number for a name (split), that number. Opaque to clients; nothing in them is
 * secret, and everything that they lead to is decided again.
 */
export interface NodeId {
  readonly letter: string;
  readonly releaseId: string;
  /** The row's UUID; the release's own again for a release or a split. */
  readonly rowId: string;
  /** 0 where the type has none. */
  readonly number: number;
}

const BYTES = 1 + 16 + 16 + 4;
const uuidOf = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** The id as text. */
export const encodeNodeId = ({ letter, releaseId, rowId, number }: NodeId): string => {
  const bytes = Buffer.alloc(BYTES);
  bytes.write(letter, 0, 1, 'latin1');
  Buffer.from(releaseId.replaceAll('-', ''), 'hex').copy(bytes, 1);
  Buffer.from(rowId.replaceAll('-', ''), 'hex').copy(bytes, 17);
  bytes.writeInt32BE(number, 33);
  return bytes.toString('base64url');
};

/** What an id names; null for anything that is not one of ours, to the letter. */
export const decodeNodeId = (id: string): NodeId | null => {
  if (!/^[A-Za-z0-9_-]{50}$/.test(id)) return null;
  const bytes = Buffer.from(id, 'base64url');
  if (bytes.length !== BYTES || bytes.toString('base64url') !== id) return null;
  const letter = bytes.toString('latin1', 0, 1);
  if (!/^[A-Z]$/.test(letter)) return null;
  return {
    letter,
    releaseId: uuidOf(bytes.subarray(1, 17)),
    rowId: uuidOf(bytes.subarray(17, 33)),
    number: bytes.readInt32BE(33),
  };
};

/** The same id made by the database: SQL of type text. `releaseId` and `rowId` are uuid, `number` integer. */
export const nodeIdSql = (letter: string, releaseId: string, rowId: string, number = '0'): string =>
  `translate(encode(decode('${Buffer.from(letter, 'latin1').toString('hex')}', 'hex') || uuid_send(${releaseId}) || uuid_send(${rowId}) || int4send((${number})::integer), 'base64'), E'+/=\\n', '-_')`;
