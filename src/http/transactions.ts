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
     * A route for callers with a token; with `admin`, for administrators. The handler runs in one
     * transaction, or in a snapshot where it only reads. It asks what its caller may do (`permit`). One that
     * never asks serves administrators only.
     */
    writer?: boolean | 'admin';
    /** A handler that only reads, in several statements that must agree, such as a tag and what it tags. */
    snapshot?: boolean;
  }
  interface FastifyRequest {
    /** The primary database, or the transaction that the handler runs in. */
    db: Db;
    /** The transaction of a writing handler. */
    trx: Trx;
    /** What the handler did, to be recorded in the audit log when it ends. */
    audited: AuditEvent[];
  }
}

/**
 * Runs each writing handler inside one transaction, together with the making of its answer. So the answer is
 * what the database held when the transaction committed, and it is sent after that. A problem thrown in the
 * handler undoes everything. Handlers that only read run in a snapshot.
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

/**
 * Runs a handler in one transaction together with its answer and its audit entries. `request.trx` is that
 * transaction.
 */
export function inTransaction<T>(app: App, request: FastifyRequest, handle: () => Promise<T>): Promise<T> {
  return asCaller(app, request, (trx, audited) => {
    request.db = trx;
    request.trx = trx;
    request.audited = audited;
    return handle();
  });
}

/** Runs one of several transactions of a request: as its caller, and recording what `work` adds to `audited`. */
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

/**
 * The database that a request reads. Callers with grants must find what they wrote, so they read the primary
 * or their transaction. All others read the replica, if there is one, so as not to keep writers waiting.
 */
export const readerOf = ({ server, principal, db }: FastifyRequest): Db =>
  principal.grants.length === 0 ? server.readDb : db;

/** Runs a reading handler on one state of the database, whatever is written meanwhile. */
export function inSnapshot<T>(
  request: FastifyRequest,
  handle: () => Promise<T>,
  db = readerOf(request),
): Promise<T> {
  const before = request.db;
  return db
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
