import { sql } from 'kysely';
import type { Test } from 'tap';
import { type SeedOptions, seedCountry } from '../../bench/seed-country.ts';
import type { Db } from '../../src/db/database.ts';
import { createTestDatabase } from '../support/database.ts';

/** A country of its own in a database of its own. */
export async function seed(t: Test, options: SeedOptions) {
  const { url, db } = await createTestDatabase(t);
  return { url, db, seeded: await seedCountry(url, options) };
}

/** A count in the database: `reports where year = 2019`. */
export const countRows = async (db: Db, from: ReturnType<typeof sql>): Promise<number> =>
  (await sql<{ n: number }>`select count(*) as n from ${from}`.execute(db)).rows[0]!.n;

/** A hash of all rows of each table, whatever order they are stored in. */
export async function hashes(db: Db): Promise<Record<string, string>> {
  const { rows: tables } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace and relname !~ '^kysely'`.execute(db);
  const hashed: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await sql<{ hash: string }>`
      select md5(coalesce(string_agg(row::text, E'\n' order by row::text), '')) as hash
      from ${sql.table(name)} as row`.execute(db);
    hashed[name] = rows[0]!.hash;
  }
  return hashed;
}
