import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type CopiedTable, type CopyText, tables } from './copy-text.ts';

/** Opens the sessions that load a country, and copies rows through them. */

/** Opens a session that loads, without triggers and foreign keys where the user may do without them. */
export async function openLoader(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'gongkai country' });
  await client.connect();
  await client.query("set synchronous_commit = off; set timezone = 'UTC'; set statement_timeout = 0");
  if (await mayBeReplica(client)) await client.query('set session_replication_role = replica');
  return client;
}

/**
 * Whether the user may open a session like those that apply a replica's changes. Until it ends, such a session does
 * without triggers and foreign keys, which would check rows that are right by the way they are made. Few users may
 * open one.
 */
export async function mayBeReplica(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    "select has_parameter_privilege('session_replication_role', 'set') as may",
  );
  return rows[0].may;
}

/** Copies the lines of every table that has any, in one transaction. */
export async function copyInto(client: pg.Client, text: CopyText): Promise<void> {
  await client.query('begin');
  for (const [table, columns] of Object.entries(tables)) {
    const lines = text[table as CopiedTable];
    if (lines === '') continue;
    const names = columns.map((column) => `"${column}"`).join(', ');
    const stream = client.query(copyFrom(`copy ${table} (${names}) from stdin`));
    await pipeline(Readable.from([Buffer.from(lines)], { objectMode: false }), stream);
  }
  await client.query('commit');
}
