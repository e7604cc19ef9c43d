import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { keptAdminToken } from './admin-token.ts';
import { buildApp } from './app.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { type Db, openDatabase } from './db/database.ts';
import { migrate } from './db/migrate.ts';
import type { App } from './http/app-type.ts';

/** How long a load balancer gets to notice that this instance is no longer ready. A person at a terminal waits less. */
const noticeMilliseconds = { SIGTERM: 1_500, SIGINT: 50, SIGHUP: 50 };
/** How long requests under way may still take. */
const drainMilliseconds = 10_000;

/** What has been opened so far, closed in reverse order. */
const opened: { name: string; close: () => Promise<void> }[] = [];

/** Databases as configured: the given one, or the embedded one, which is loaded only then. */
async function findDatabase({ DATABASE_URL, DATA_DIR }: Config): Promise<string> {
  if (DATABASE_URL !== undefined) return DATABASE_URL;
  const { startEmbedded } = await import('./db/embedded.ts');
  const embedded = await startEmbedded(DATA_DIR);
  opened.push({ name: 'embedded PostgreSQL', close: embedded.stop });
  return embedded.url;
}

function open(
  name: string,
  url: string,
  options: Parameters<typeof openDatabase>[1],
  logger: pino.Logger,
): Db {
  const onLost = (error: Error) => logger.warn({ err: error }, `a connection of the ${name} was lost`);
  const db = openDatabase(url, { ...options, onLost });
  opened.push({ name, close: () => db.destroy() });
  return db;
}

async function start(
  config: Config,
  logger: pino.Logger,
  isStopping: () => boolean,
): Promise<App | undefined> {
  const url = await findDatabase(config);
  if (isStopping()) return;
  const migrations = await migrate(url);
  logger.debug({ migrations }, 'the database has the schema of this release');
  const kept =
    config.ADMIN_TOKEN === undefined && config.DATABASE_URL === undefined
      ? await keptAdminToken(config.DATA_DIR)
      : undefined;
  const db = open('database', url, { max: 8 }, logger);
  // Readers have a pool of their own: an export that takes long holds up no writer and may take as long as it likes.
  const readUrl = config.READ_DATABASE_URL ?? url;
  const readDb = open(
    'database for reads',
    readUrl,
    { max: 8, readOnly: true, transactionTimeout: 0 },
    logger,
  );
  const app = await buildApp({ db, readDb, adminToken: config.ADMIN_TOKEN ?? kept?.token, logger });
  opened.push({ name: 'HTTP server', close: () => drain(app) });
  app.addHook('onSend', async (_request, reply) => {
    if (!app.readiness.ready) reply.header('connection', 'close');
  });
  if (isStopping()) return;
  const hint = kept ? `, the administrator's token in ${kept.path}` : '';
  await app.listen({
    host: config.HOST,
    port: config.PORT,
    listenTextResolver: (at) => `Gongkai is ready on ${at}, its documentation on ${at}/docs${hint}`,
  });
  if (!kept && config.ADMIN_TOKEN === undefined)
    logger.warn('there is no administrator: set ADMIN_TOKEN to be able to write');
  return app;
}

/** Lets requests under way finish, then closes. */
async function drain(app: App) {
  const giveUp = setTimeout(() => app.server.closeAllConnections(), drainMilliseconds);
  await app.close();
  clearTimeout(giveUp);
}

async function closeAll(logger: pino.Logger) {
  for (const { name, close } of opened.splice(0).reverse())
    await close().catch((error: Error) => logger.error({ err: error }, `the ${name} did not close`));
}

/** What went wrong, for a person; a connection that was tried at several addresses has no message of its own. */
const reason = (error: Error): string =>
  error instanceof AggregateError && !error.message
    ? error.errors.map((each: Error) => each.message).join(', ')
    : error.message;

async function main() {
  let config: Config;
  try {
    config = readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
    return;
  }
  const logger = pino({ level: config.LOG_LEVEL });

  let app: App | undefined;
  let stopping: Promise<void> | undefined;
  const hurry = new AbortController();
  const stop = (notice: number) => {
    stopping ??= (async () => {
      if (app) {
        app.readiness.ready = false;
        await sleep(notice, undefined, { signal: hurry.signal }).catch(() => {});
      } else await Promise.race([starting, once(hurry.signal, 'abort')]);
      await closeAll(logger);
      logger.info('stopped');
      // A start that was cut short still waits for something.
      process.exit();
    })();
    return stopping;
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => {
      // npm passes on a Ctrl-C that the terminal has sent already: a second signal only shortens the notice.
      if (stopping) hurry.abort();
      else void stop(noticeMilliseconds[signal]);
    });
  const fail = (error: unknown) => {
    logger.fatal({ err: error }, 'the service failed and stops');
    process.exitCode = 1;
    void stop(0);
  };
  process.on('uncaughtException', fail).on('unhandledRejection', fail);

  const starting = start(config, logger, () => stopping !== undefined).then(
    (started) => {
      app = started;
    },
    (error: Error) => {
      logger.fatal(`the service cannot start: ${reason(error)}`);
      logger.debug({ err: error });
      process.exitCode = 1;
      stopping ??= closeAll(logger);
    },
  );
  await starting;
}

await main();
