import { cpus, totalmem } from 'node:os';
import pg from 'pg';

/** The machine of a run, in one line. Service, PostgreSQL and clients share it. */
export async function describeMachine(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query('show server_version').finally(() => client.end());
  const cores = cpus();
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GB`;
  const model = cores[0]?.model.trim() || 'unknown processor';
  const versions = `Node ${process.versions.node}, PostgreSQL ${rows[0].server_version}`;
  return `${cores.length} cores (${model}), ${memory} of memory, ${versions}`;
}
