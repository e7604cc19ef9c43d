import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { migrate } from '../../src/db/migrate.ts';
import { onSameServer } from '../../test/support/database.ts';
import { temporaryServer } from '../../test/support/temporary-server.ts';
import { earnest } from './settings.ts';

/** What the measurements of writing run on: a PostgreSQL of their own, with the settings of a real server. */

export interface Machine {
  /** Runs SQL in a database as its administrator. */
  run(database: string, text: string, values?: unknown[]): Promise<pg.QueryResult>;
  /** Makes a database as a copy of `template`. Returns its URL. */
  copyOf(template: string, name: string): Promise<string>;
  drop(name: string): Promise<void>;
  url(database: string): string;
  /** Processor time that PostgreSQL has used so far, in milliseconds. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

const ticksPerSecond = 100;
const statOf = async (pid: number): Promise<string[]> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};
const asMilliseconds = (ticks: (string | undefined)[]): number =>
  ticks.reduce((sum, each) => sum + Number(each ?? 0), 0) * (1000 / ticksPerSecond);

/** Processor time of a process, in milliseconds: its own, and that of its children that have ended. */
export const cpuOf = async (pid: number): Promise<number> =>
  asMilliseconds((await statOf(pid)).slice(11, 15));

/** Starts a server with a migrated database `base`. */
export async function startMachine(): Promise<Machine> {
  const server = await temporaryServer(earnest);
  const run: Machine['run'] = async (database, text, values) => {
    const client = new pg.Client({ connectionString: server.url(database) });
    await client.connect();
    try {
      return await client.query(text, values);
    } finally {
      await client.end();
    }
  };
  try {
    await run('postgres', 'create database base');
    await migrate(onSameServer(server.url('postgres'), 'base'));
    const keeper = new pg.Client({ connectionString: server.url('postgres') });
    await keeper.connect();
    const backend = (await keeper.query('select pg_backend_pid() as pid')).rows[0].pid as number;
    const postmaster = Number((await statOf(backend))[1]);
    if (!(postmaster > 1)) throw new Error('the postmaster was not found');
    return {
      run,
      url: server.url,
      async copyOf(template, name) {
        await run('postgres', `create database ${name} template ${template} strategy file_copy`);
        await run('postgres', 'checkpoint');
        return server.url(name);
      },
      async drop(name) {
        await run('postgres', `drop database ${name} with (force)`);
      },
      async cpu() {
        const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
        const pids = children.trim().split(' ').map(Number);
        const used = await Promise.all([postmaster, ...pids].map(cpuOf));
        return used.reduce((sum, each) => sum + each, 0);
      },
      async stop() {
        await keeper.end();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
