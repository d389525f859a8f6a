import { createHash } from 'node:crypto';
import { named, type Sql } from '../../adapters/database/database.ts';

/** Statements that a connection keeps parsed and planned: planning a deep read takes longer than running it. */
const MOST_NAMES = 200;
const MOST_SEEN = 2_000;

/**
 * Runs statements, prepared under a name from the second time that the same text comes. There are at most so many
 * names in a process, since a connection keeps each for its life: whoever asks for ever new shapes gets them unprepared.
 */
export class PreparedStatements {
  private readonly sql: Sql;
  private readonly names = new Map<string, string>();
  private readonly seen = new Set<string>();

  constructor(sql: Sql) {
    this.sql = sql;
  }

  async run<Row extends Record<string, unknown>>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const name = this.nameOf(text);
    const { rows } = await this.sql.query<Row>(name === null ? text : named(name, text), [...values]);
    return rows;
  }

  private nameOf(text: string): string | null {
    const known = this.names.get(text);
    if (known !== undefined) return known;
    if (!this.seen.has(text)) {
      if (this.seen.size >= MOST_SEEN) this.seen.clear();
      this.seen.add(text);
      return null;
    }
    if (this.names.size >= MOST_NAMES) return null;
    const name = `read_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
    this.names.set(text, name);
    this.seen.delete(text);
    return name;
  }
}
