import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Machine } from './writing-machine.ts';

/** What a batch is compared with: the rows that it wrote, as text files that PostgreSQL itself reads. */

const tables = [
  'reports',
  'revisions',
  'disclosure_items',
  'request_statistics',
  'review_litigation_counts',
  'effective_answers',
];
const together = 1000;

export interface ReadyFiles {
  /** Files in the order in which they are to be loaded. */
  files: { table: string; path: string }[];
  discard(): Promise<void>;
}

/**
 * Writes the reports of a database, with everything that belongs to them, into files: a thousand reports together.
 */
export async function exportRows(machine: Machine, database: string, reports: number): Promise<ReadyFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'gongkai-bench-'));
  await chmod(folder, 0o777);
  const files: ReadyFiles['files'] = [];
  for (let from = 0; from < reports; from += together)
    for (const table of tables) {
      const path = join(folder, `${from}-${table}.txt`);
      const chosen = `(select id as report_id from reports order by id offset ${from} limit ${together}) as chosen`;
      const rows =
        table === 'reports'
          ? `reports join ${chosen} on reports.id = chosen.report_id order by reports.id`
          : ['revisions', 'effective_answers'].includes(table)
            ? `${table} join ${chosen} using (report_id) order by report_id`
            : `${table} join revisions on revisions.id = revision_id join ${chosen} using (report_id) order by report_id`;
      await machine.run(database, `copy (select ${table}.* from ${rows}) to '${path}'`);
      files.push({ table, path });
    }
  return { files, discard: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Loads the files over one connection, in one transaction for each thousand reports. Keys, foreign keys and checks
 * hold, and the schema's own triggers are off. Returns the seconds that this took.
 */
export async function copyRows(machine: Machine, database: string, { files }: ReadyFiles): Promise<number> {
  for (const table of tables) await machine.run(database, `alter table ${table} disable trigger user`);
  const client = new pg.Client({ connectionString: machine.url(database) });
  await client.connect();
  try {
    const began = performance.now();
    for (const [index, { table, path }] of files.entries()) {
      if (index % tables.length === 0) await client.query('begin');
      await client.query(`copy ${table} from '${path}'`);
      if (index % tables.length === tables.length - 1) await client.query('commit');
    }
    return (performance.now() - began) / 1000;
  } finally {
    await client.end();
  }
}
