import { ModelFileError } from './model-file-error.ts';

/**
 * One table of a FlatBuffers file, read in place. Fields are asked for by their number in the schema; an absent field
 * gives the default that the caller states. Every access is checked against the end of the file.
 * Source: the FlatBuffers binary format description (flatbuffers.dev, "FlatBuffer Internals").
 */
export class FlatTable {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly at: number;
  private readonly fieldTable: number;
  private readonly fieldTableSize: number;

  private constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.fieldTable = at - this.checked(at, 4, () => this.view.getInt32(at, true));
    this.fieldTableSize = this.checked(this.fieldTable, 4, () => this.view.getUint16(this.fieldTable, true));
    if (this.fieldTableSize < 4) throw new ModelFileError(`a table at byte ${at} has no valid list of fields`);
  }

  /**
   * The root table of a file.
   * @param identifier four letters at byte 4 that say what kind of file it is
   * @throws ModelFileError if they are not there or the file is too short
   */
  static root(bytes: Uint8Array, identifier: string): FlatTable {
    if (bytes.byteLength < 8) throw new ModelFileError(`only ${bytes.byteLength} bytes long`);
    const found = String.fromCharCode(...bytes.subarray(4, 8));
    if (found !== identifier) throw new ModelFileError(`does not carry the mark ${identifier}`);
    return new FlatTable(bytes, new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true));
  }

  int8(field: number, absent = 0): number {
    const at = this.place(field);
    return at === 0 ? absent : this.checked(at, 1, () => this.view.getInt8(at));
  }

  int32(field: number, absent = 0): number {
    const at = this.place(field);
    return at === 0 ? absent : this.checked(at, 4, () => this.view.getInt32(at, true));
  }

  table(field: number): FlatTable | undefined {
    const at = this.place(field);
    return at === 0 ? undefined : new FlatTable(this.bytes, this.follow(at));
  }

  /** A vector of tables; empty when absent. */
  tables(field: number): FlatTable[] {
    const { start, length } = this.vector(field, 4);
    return Array.from({ length }, (_, i) => new FlatTable(this.bytes, this.follow(start + 4 * i)));
  }

  /** A vector of 32-bit integers; empty when absent. */
  int32s(field: number): number[] {
    const { start, length } = this.vector(field, 4);
    return Array.from({ length }, (_, i) => this.view.getInt32(start + 4 * i, true));
  }

  /** A vector of bytes (a view, not a copy), also a string's; empty when absent. */
  octets(field: number): Uint8Array {
    const { start, length } = this.vector(field, 1);
    return this.bytes.subarray(start, start + length);
  }

  private place(field: number): number {
    const entry = 4 + 2 * field;
    if (entry + 2 > this.fieldTableSize) return 0;
    const offset = this.checked(this.fieldTable + entry, 2, () => this.view.getUint16(this.fieldTable + entry, true));
    return offset === 0 ? 0 : this.at + offset;
  }

  private follow(at: number): number {
    return at + this.checked(at, 4, () => this.view.getUint32(at, true));
  }

  private vector(field: number, itemSize: number): { start: number; length: number } {
    const at = this.place(field);
    if (at === 0) return { start: 0, length: 0 };
    const vector = this.follow(at);
    const length = this.checked(vector, 4, () => this.view.getUint32(vector, true));
    return this.checked(vector + 4, length * itemSize, () => ({ start: vector + 4, length }));
  }

  private checked<T>(at: number, size: number, read: () => T): T {
    if (at < 0 || at + size > this.bytes.byteLength) {
      throw new ModelFileError(`points to byte ${at + size} of ${this.bytes.byteLength}: cut short or damaged`);
    }
    return read();
  }
}
