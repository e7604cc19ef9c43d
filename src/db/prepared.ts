import { CompiledQuery } from 'kysely';
import type { Db } from './database.ts';

/** Prepared statements, for what is asked all the time: PostgreSQL parses and plans them once for each connection. */

const names = new Map<string, string>();

/** The name of a prepared statement; undefined for all others, which are planned for their values. */
export const nameOf = (text: string): string | undefined => names.get(text);

/**
 * Prepares a statement and returns a function that runs it. Only for statements whose best plan is the same whatever
 * the values are, such as searches by a whole key.
 */
export function prepare<Row>(name: string, text: string): (db: Db, values: unknown[]) => Promise<Row[]> {
  names.set(text, name);
  return async (db, values) => (await db.executeQuery<Row>(CompiledQuery.raw(text, values))).rows;
}
