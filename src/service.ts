import type { pino } from 'pino';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { keptAdminToken } from './data-dir.ts';
import { type Db, openDatabase } from './db/database.ts';
import type { EmbeddedDatabase } from './db/embedded.ts';
import { migrate } from './db/migrate.ts';
import type { App } from './http/app-type.ts';
import { keepFolding } from './rollups/folding.ts';

/** How long requests under way may take once the service closes, milliseconds. */
const drainMilliseconds = 10_000;

/** The running service: its listening app, its connections, and the embedded PostgreSQL where no other was given. */
interface Service {
  app: App;
  /** Lets requests under way finish, then closes everything; never rejects. */
  close(): Promise<void>;
}

/** Closes the app once the requests under way are done. After `drainMilliseconds` it cuts their connections. */
async function drain(app: App) {
  const giveUp = setTimeout(() => app.server.closeAllConnections(), drainMilliseconds);
  await app.close();
  clearTimeout(giveUp);
}

/**
 * Starts everything and listens. What was opened is closed again before a failure is thrown.
 * @param signal aborted when the start is no longer wanted
 */
export async function startService(
  config: Config,
  logger: pino.Logger,
  signal: AbortSignal,
): Promise<Service> {
  const { ADMIN_TOKEN, DATABASE_URL, READ_DATABASE_URL, DATA_DIR, HOST, PORT } = config;
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience } = config;
  const oidc = issuer === undefined || audience === undefined ? undefined : { issuer, audience };
  const guards = {
    maxInFlight: config.MAX_IN_FLIGHT,
    rateLimit: config.RATE_LIMIT,
    corsOrigins: config.CORS_ORIGINS?.split(','),
  };
  let embedded: EmbeddedDatabase | undefined;
  let app: App | undefined;

  const kept =
    ADMIN_TOKEN === undefined && DATABASE_URL === undefined ? await keptAdminToken(DATA_DIR) : undefined;

  /**
   * The URL of the given database or, without one, of the embedded database. Only then is the embedded one loaded.
   */
  const findDatabase = async (): Promise<string> => {
    if (DATABASE_URL !== undefined) return DATABASE_URL;
    const { startEmbedded } = await import('./db/embedded.ts');
    embedded = await startEmbedded(DATA_DIR);
    return embedded.url;
  };
  const url = findDatabase();
  const open = (at: string | Promise<string>, options: Parameters<typeof openDatabase>[1]): Db =>
    openDatabase(at, {
      ...options,
      onLost: (error) => logger.warn({ err: error }, 'a connection to the database was lost'),
    });
  const db = open(url, { max: 8 });
  // Readers have a pool of their own, so that a long export does not hold up writers.
  const readDb = open(READ_DATABASE_URL ?? url, { max: 8, readOnly: true });

  const migrateDatabase = async () => {
    const migrations = await migrate(await url, { signal });
    logger.debug({ migrations }, 'the database has the schema of this release');
  };
  const build = async () => {
    app = await buildApp({
      db,
      readDb,
      adminToken: ADMIN_TOKEN ?? kept?.token,
      oidc,
      guards,
      keptMegabytes: config.KEPT_ANSWERS_MB,
      logger,
    });
    app.addHook('onSend', (_request, reply, payload, done) => {
      if (!app?.readiness.ready) reply.header('connection', 'close');
      done(null, payload);
    });
    await app.ready();
    return app;
  };
  const listen = async (on: App) => {
    signal.throwIfAborted();
    const hint = kept ? `, the administrator's token in ${kept.path}` : '';
    await on.listen({
      host: HOST,
      port: PORT,
      listenTextResolver: (at) => `Gongkai is ready on ${at}, its documentation on ${at}/docs${hint}`,
    });
    if (ADMIN_TOKEN === undefined && !kept)
      logger.warn('there is no administrator: set ADMIN_TOKEN to be able to write');
  };
  const closing = new AbortController();
  let folding: Promise<void> | undefined;
  const close = async () => {
    closing.abort();
    const steps = [
      async () => app && drain(app),
      async () => folding,
      () => db.destroy(),
      () => readDb.destroy(),
      async () => embedded?.stop(),
    ];
    for (const step of steps)
      await step().catch((error: Error) => logger.error({ err: error }, 'closing went wrong'));
  };

  // Compiling the routes takes as long as starting PostgreSQL, so both run at the same time.
  const [migrated, built] = await Promise.allSettled([migrateDatabase(), build()]);
  try {
    if (migrated.status === 'rejected') throw migrated.reason;
    if (built.status === 'rejected') throw built.reason;
    await listen(built.value);
    folding = keepFolding(db, closing.signal, (error) =>
      logger.warn({ err: error }, 'published figures could not be folded into the rollups'),
    );
    return { app: built.value, close };
  } catch (error) {
    await close();
    throw error;
  }
}
