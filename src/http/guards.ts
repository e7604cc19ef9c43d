import { Socket } from 'node:net';
import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import helmet from 'helmet';
import { everyone } from '../access/principal.ts';
import type { App } from './app-type.ts';
import { endWithProblem, requestTimeout } from './client-errors.ts';
import { sendProblem } from './error-handler.ts';
import { IncomingMessage, ServerResponse } from './node-http.ts';
import { Problem } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route that reads its body while it arrives, however long that takes. */
    streamsBody?: boolean;
    /**
     * A route for whoever runs the service. Neither the limit of requests at a time nor the rate limit holds
     * for it, and it looks at no token, so that it answers when all other routes do not.
     */
    unlimited?: boolean;
  }
  interface FastifyRequest {
    /** Whether its body is still on its way. */
    isArriving: boolean;
  }
  interface FastifyInstance {
    /** How many requests are being answered, without those of `unlimited` routes. */
    inFlight: () => number;
  }
}

export interface GuardOptions {
  /** How many requests are answered at a time. More are refused and told when to come back. */
  maxInFlight?: number | undefined;
  /** Requests a minute of one token, or of one address without a token; 0 means no limit. */
  rateLimit?: number | undefined;
  /** Origins whose pages may call from a browser; none when empty. */
  corsOrigins?: readonly string[] | undefined;
  /** How long a body may take to arrive, in milliseconds. */
  bodyTimeout?: number | undefined;
}

/** With a database that answers about 500 requests a second, the last of these waits half a second. */
export const defaultMaxInFlight = 256;
/**
 * Requests a minute. Above what one instance can answer to one caller: it stops a loop that runs wild, and
 * nobody else.
 */
export const defaultRateLimit = 1_200_000;

const minute = 60_000;

/** The headers of an answer that pages of other origins may read. */
const exposedHeaders = [
  'ETag',
  'Link',
  'Location',
  'X-Request-Id',
  'Retry-After',
  'Idempotency-Replayed',
  'Content-Disposition',
  'X-Warnings',
  'X-Coverage',
  'X-Basis',
];

/** The security headers that helmet sets. They do not depend on the request, so helmet runs only once. */
function securityHeaders(): Record<string, string> {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const answer = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
      },
    },
    // These are of use only to pages, and the service answers with data.
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    originAgentCluster: false,
  });
  answer(response.req, response, () => {});
  return response.getHeaders() as Record<string, string>;
}

const hasBody = ({ raw: { headers } }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0;

/** Answers 408 to a body that arrives too slowly and ends its connection, as Node does for a request as a whole. */
function limitBodyTime(request: FastifyRequest, reply: FastifyReply, milliseconds: number): void {
  const { raw } = request;
  if (!hasBody(request) || request.routeOptions.config?.streamsBody) return;
  const timer = setTimeout(() => {
    if (raw.complete || raw.readableEnded) return;
    request.log.info('a body took too long');
    // The client would take another answer for the one to its next request.
    if (reply.raw.writableEnded) return void raw.destroy();
    endWithProblem(raw.socket, requestTimeout(), request.id);
    raw.socket.destroySoon();
  }, milliseconds).unref();
  raw.once('close', () => clearTimeout(timer));
}

/**
 * Refuses requests that arrive while `most` others are being answered. A quick refusal keeps the others
 * quick. A request whose body is still on its way is not being answered: slow senders take no place from readers. Of
 * these too at most as many are let in. Problem `unavailable` (503).
 */
function limitInFlight(app: App, most: number): void {
  let inFlight = 0;
  let arriving = 0;
  app.decorate('inFlight', () => inFlight);
  app.decorateRequest('isArriving', false);
  const refuse = (request: FastifyRequest, reply: FastifyReply) => {
    request.log.debug('refused: too many requests at a time');
    const detail = 'too many requests at a time';
    sendProblem(new Problem('unavailable', { detail, headers: { 'retry-after': '1' } }), request, reply);
  };
  app.addHook('onRequest', (request, reply, done) => {
    const { unlimited, streamsBody } = request.routeOptions.config ?? {};
    if (unlimited) return done();
    request.isArriving = hasBody(request) && !streamsBody;
    if (inFlight >= most || (request.isArriving && arriving >= most)) return refuse(request, reply);
    if (request.isArriving) arriving++;
    else inFlight++;
    reply.raw.once('close', () => {
      if (request.isArriving) arriving--;
      else inFlight--;
    });
    done();
  });
  app.addHook('preValidation', (request, reply, done) => {
    if (!request.isArriving) return done();
    if (inFlight >= most) return refuse(request, reply);
    request.isArriving = false;
    arriving--;
    inFlight++;
    done();
  });
}

/** Registers what holds before callers are asked who they are. To be awaited before routes are registered. */
export async function registerGuards(app: App, options: GuardOptions = {}): Promise<void> {
  const { maxInFlight = defaultMaxInFlight, corsOrigins = [], bodyTimeout = 30_000 } = options;
  const headers = securityHeaders();
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers);
    limitBodyTime(request, reply, bodyTimeout);
    done();
  });
  limitInFlight(app, maxInFlight);
  if (corsOrigins.length === 0) return;
  await app.register(cors, {
    origin: [...corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders,
    maxAge: 600,
  });
  // Handlers set what else an answer varies by and overwrite what was set before, so `Origin` is added last.
  app.addHook('onSend', (_request, reply, payload, done) => {
    const vary = String(reply.getHeader('vary') ?? '');
    if (!/\borigin\b/i.test(vary)) reply.header('vary', vary ? `${vary}, Origin` : 'Origin');
    done(null, payload);
  });
}

/**
 * Limits requests a minute. Callers with a token are counted by principal, all others by address. Refused
 * tokens count by address too, so that guessing tokens is no way around the limit. Each instance counts for
 * itself. `authenticate` is called between the two hooks: an address that guesses is turned away before the
 * database is asked. Problem `too-many-requests` (429).
 */
export async function registerRateLimits(
  app: App,
  { rateLimit: max = defaultRateLimit }: GuardOptions,
  authenticate: () => void,
): Promise<void> {
  if (max === 0) return authenticate();
  await app.register(rateLimit, { global: false });
  const limits = { max, timeWindow: minute };
  const callers = app.createRateLimit({
    ...limits,
    keyGenerator: ({ principal, ip }) => (principal === everyone ? ip : principal.id),
  });
  const guessers = app.createRateLimit({ ...limits, keyGenerator: ({ ip }) => ip });
  const refuse = (request: FastifyRequest, reply: FastifyReply, seconds: number) => {
    const detail = `at most ${max} requests a minute`;
    const retry = { 'retry-after': String(Math.max(1, seconds)) };
    sendProblem(new Problem('too-many-requests', { detail, headers: retry }), request, reply);
  };

  app.addHook('onRequest', (request, reply, done) => {
    if (request.headers.authorization === undefined || request.routeOptions.config?.unlimited) return done();
    guessers(request, { increment: false }).then((count) => {
      if (!count.isAllowed && count.remaining === 0) refuse(request, reply, count.ttlInSeconds);
      else done();
    }, done);
  });
  authenticate();
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config?.unlimited) return done();
    callers(request).then((count) => {
      if (!count.isAllowed && count.isExceeded) refuse(request, reply, count.ttlInSeconds);
      else done();
    }, done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (reply.statusCode === 401 && request.headers.authorization !== undefined)
      guessers(request).then(() => done(), done);
    else done();
  });
}
