import { randomUUID } from 'node:crypto';
import { type FastifyBaseLogger, fastify, LogController } from 'fastify';
import { apiKeyRoutes } from './access/api-key-routes.ts';
import { grantRoutes } from './access/grant-routes.ts';
import type { OidcOptions } from './access/oidc.ts';
import { queryRoutes } from './aggregates/query-routes.ts';
import { aggregatesRoutes } from './aggregates/routes.ts';
import { auditRoutes } from './audit/routes.ts';
import { batchRoutes } from './batch/routes.ts';
import { consolidationRoutes } from './consolidation/routes.ts';
import { coverageRoutes } from './coverage/routes.ts';
import type { Db } from './db/database.ts';
import { divisionRoutes } from './divisions/routes.ts';
import { editionRoutes } from './editions/routes.ts';
import { healthRoutes } from './health/routes.ts';
import type { App } from './http/app-type.ts';
import { registerAuthentication } from './http/auth.ts';
import { yearInShanghai } from './http/calendar.ts';
import { handleClientError, requireHost } from './http/client-errors.ts';
import { handleError, handleNotFound } from './http/error-handler.ts';
import { type GuardOptions, registerGuards, registerRateLimits } from './http/guards.ts';
import { registerJsonBody } from './http/json-body.ts';
import { registerOpenApi } from './http/openapi.ts';
import { registerPassingBytes } from './http/passing-bytes.ts';
import { ProblemDetails, ProblemFault } from './http/problem.ts';
import { registerStrictRequests } from './http/strict-requests.ts';
import { registerTransactions } from './http/transactions.ts';
import { registerAttachedFaults, schemaController } from './http/validation.ts';
import { importRoutes } from './imports/routes.ts';
import { indicatorRoutes } from './indicators/routes.ts';
import { metaRoutes } from './meta/routes.ts';
import { metricsRoutes } from './metrics/routes.ts';
import { organRoutes } from './organs/routes.ts';
import { draftRoutes } from './reports/draft-routes.ts';
import { draftTableRoutes } from './reports/draft-table-routes.ts';
import { lifecycleRoutes } from './reports/lifecycle-routes.ts';
import { revisionRoutes } from './reports/revision-routes.ts';
import { reportRoutes } from './reports/routes.ts';
import { validationRoutes } from './reports/validation-routes.ts';
import { registerRollups } from './rollups/reader.ts';
import { ruleRoutes } from './rules/routes.ts';
import { tidyRowRoutes } from './tidy-rows/routes.ts';

/** What the service is built from, besides its routes. */
export interface AppOptions {
  db: Db;
  /** The database for public reads, such as a replica. Where absent, it is `db`. */
  readDb?: Db;
  /** The bearer token of the built-in administrator. Without it there is no such administrator. */
  adminToken?: string | undefined;
  /** The OpenID Connect issuer whose tokens are accepted besides API keys. */
  oidc?: OidcOptions | undefined;
  /** Limits and browser rules. Where absent, the defaults of the configuration hold. */
  guards?: GuardOptions;
  /**
   * Megabytes of memory for answers about sums and what they are made of. Where absent, the default of the
   * configuration.
   */
  keptMegabytes?: number;
  /** A pino logger; silent when absent. */
  logger?: FastifyBaseLogger;
  /** The clock that decides which report year is the latest. */
  now?: () => Date;
}

/** The largest body of a request, in bytes. A whole report with its narrative is a fraction of this. */
const bodyLimit = 2 * 1024 * 1024;

/** Every route of the service, a function per resource. */
const resources: ((app: App) => void)[] = [
  editionRoutes,
  ruleRoutes,
  divisionRoutes,
  organRoutes,
  reportRoutes,
  batchRoutes,
  draftRoutes,
  draftTableRoutes,
  lifecycleRoutes,
  revisionRoutes,
  validationRoutes,
  auditRoutes,
  importRoutes,
  tidyRowRoutes,
  aggregatesRoutes,
  coverageRoutes,
  consolidationRoutes,
  indicatorRoutes,
  queryRoutes,
  metaRoutes,
  apiKeyRoutes,
  grantRoutes,
  healthRoutes,
  metricsRoutes,
];

/** Builds the whole service, ready to listen. It opens no connection by itself. */
export async function buildApp(options: AppOptions): Promise<App> {
  const {
    db,
    readDb = db,
    adminToken,
    oidc,
    guards = {},
    keptMegabytes,
    logger,
    now = () => new Date(),
  } = options;
  const app: App = fastify({
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger }),
    bodyLimit,
    schemaController: schemaController(),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    frameworkErrors: handleError,
    clientErrorHandler: handleClientError,
    // Headers, bodies (see guards.ts) and connections that trickle in are given up on. A whole request has no time
    // limit: it may be a long stream.
    http: { headersTimeout: 30_000, requireHostHeader: false },
    requestTimeout: 0,
    connectionTimeout: 60_000,
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: 200 },
  });
  // Answers are sent as the handlers built them: a compiled serialiser would turn a null it does not expect into 0.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(handleNotFound);
  app.decorate('db', db);
  app.decorate('readDb', readDb);
  app.decorate('latestYear', () => yearInShanghai(now()) + 1);
  // Hooks that run on every request call `done` and return no promise. A dozen promises cost as much as a short
  // answer.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  registerPassingBytes(app);
  app.addHook('onResponse', (request, reply, done) => {
    const { method, url, principal } = request;
    const answered = {
      method,
      url,
      status: reply.statusCode,
      by: principal?.id,
      ms: Math.round(reply.elapsedTime),
    };
    request.log[request.routeOptions.logLevel === 'warn' ? 'debug' : 'info'](answered, 'answered');
    done();
  });
  app.addHook('onRequest', requireHost);
  await registerGuards(app, guards);
  registerJsonBody(app);
  registerStrictRequests(app);
  registerAttachedFaults(app);
  await registerRateLimits(app, guards, () => registerAuthentication(app, { adminToken, oidc }));
  registerTransactions(app);
  registerRollups(app, keptMegabytes);
  app.addSchema(ProblemFault);
  app.addSchema(ProblemDetails);
  await registerOpenApi(app);
  for (const register of resources) register(app);
  return app;
}
