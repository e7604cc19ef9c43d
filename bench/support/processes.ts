import { readFile } from 'node:fs/promises';
import type pg from 'pg';

/** What processes of this machine have used, as Linux counts it. */

/** Linux counts processor time in hundredths of a second. */
const microsecondsPerTick = 10_000;

/** Processor time of a process so far, in microseconds: its own, and that of the system on its behalf. */
export async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, , , , , , , , , , , user, system] = stat.slice(stat.lastIndexOf(')') + 1).split(' ');
  return (Number(user ?? 0) + Number(system ?? 0)) * microsecondsPerTick;
}

/**
 * The same for the PostgreSQL backends that serve connections of `application`; 0 where they run on another machine.
 */
export async function cpuOfBackends(client: pg.Client, application: string): Promise<number> {
  const { rows } = await client.query<{ pid: number }>(
    'select pid from pg_stat_activity where application_name = $1',
    [application],
  );
  const times = await Promise.all(rows.map(({ pid }) => cpuOf(pid)));
  return times.reduce((sum, time) => sum + time, 0);
}

/** The largest resident memory of a process so far, in megabytes. */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
