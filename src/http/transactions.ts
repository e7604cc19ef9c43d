import type { FastifyRequest, RouteHandlerMethod } from 'fastify';
import { actAs } from '../access/row-security.ts';
import type { AuditEvent } from '../audit/chain.ts';
import { appendAudit } from '../audit/queries.ts';
import type { Db, Trx } from '../db/database.ts';
import type { App } from './app-type.ts';
import { requireAdmin, requirePermitted, requireWriter } from './auth.ts';
import { answerOnce } from './idempotency.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Only for callers with a token; `admin`: only for administrators. The handler runs in one transaction; one that
     * reads, in a snapshot. It asks what its caller may do (`permit`): one that does not, serves administrators only.
     */
    writer?: boolean | 'admin';
    /** A reading handler of several statements that must agree: a tag and what it tags. */
    snapshot?: boolean;
  }
  interface FastifyRequest {
    /** The primary database, or the transaction that the handler runs in. */
    db: Db;
    /** The transaction of a writing handler. */
    trx: Trx;
    /** What the handler did, to be recorded when it ends. */
    audited: AuditEvent[];
  }
}

/**
 * A writing handler runs inside one transaction, answer included: what it returns is what the database held when it
 * committed, and it is sent after that. A problem thrown in it undoes everything.
 */
export function registerTransactions(app: App): void {
  app.decorateRequest('db');
  app.decorateRequest('trx');
  app.decorateRequest('audited');
  app.addHook('onRequest', (request, _reply, done) => {
    request.db = app.db;
    done();
  });
  app.addHook('onRoute', (route) => {
    const { writer = false, snapshot = false } = route.config ?? {};
    if (!writer && !snapshot) return;
    if (writer)
      route.onRequest = [
        ...[route.onRequest ?? []].flat(),
        requireWriter,
        ...(writer === 'admin' ? [requireAdmin] : []),
      ];
    const handle = route.handler;
    const reads = route.method === 'GET' || route.method === 'HEAD';
    route.handler = function (this: ThisParameterType<RouteHandlerMethod>, request, reply) {
      const answer = async () => {
        const answered = await handle.call(this, request, reply);
        if (writer) requirePermitted(request);
        return answered;
      };
      if (reads) return inSnapshot(request, answer);
      return inTransaction(app, request, () => answerOnce(request, reply, answer));
    } as RouteHandlerMethod;
  });
}

/** Runs a handler whose answer and audit entries belong to its effect; `request.trx` is the transaction meanwhile. */
export function inTransaction<T>(app: App, request: FastifyRequest, handle: () => Promise<T>): Promise<T> {
  return asCaller(app, request, (trx, audited) => {
    request.db = trx;
    request.trx = trx;
    request.audited = audited;
    return handle();
  });
}

/** One of several transactions of a request: acts as its caller, and records what `work` notes in `audited`. */
export function asCaller<T>(
  app: App,
  { principal, id }: FastifyRequest,
  work: (trx: Trx, audited: AuditEvent[]) => Promise<T>,
): Promise<T> {
  return app.db.transaction().execute(async (trx) => {
    const audited: AuditEvent[] = [];
    await actAs(trx, principal);
    const answer = await work(trx, audited);
    await appendAudit(trx, { principal: principal.id, request_id: id }, audited);
    return answer;
  });
}

/** Where a request reads: callers with grants must find what they wrote; nobody else may keep writers waiting. */
export const readerOf = ({ server, principal, db }: FastifyRequest): Db =>
  principal.grants.length === 0 ? server.readDb : db;

/** Runs a reading handler on one state of the database, whatever is written meanwhile. */
export function inSnapshot<T>(request: FastifyRequest, handle: () => Promise<T>): Promise<T> {
  const before = request.db;
  return readerOf(request)
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      request.db = trx;
      await actAs(trx, request.principal);
      return handle();
    })
    .finally(() => {
      request.db = before;
    });
}
