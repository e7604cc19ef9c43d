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
     * A route of whoever runs the service: no limit holds for it and no token is looked at, so that it answers when all
     * others do not.
     */
    unlimited?: boolean;
  }
  interface FastifyInstance {
    /** Requests that are being answered, those of `unlimited` routes left out. */
    inFlight: () => number;
  }
}

export interface GuardOptions {
  /** Requests answered at a time; more are told to come back. */
  maxInFlight?: number | undefined;
  /** Requests a minute of one token, or of one address without a token; 0 is no limit. */
  rateLimit?: number | undefined;
  /** Origins whose pages may call from a browser; none when empty. */
  corsOrigins?: readonly string[] | undefined;
  /** How long a body may take to arrive, milliseconds. */
  bodyTimeout?: number | undefined;
}

/** With a database that answers some 500 times a second, the last of these waits half a second. */
export const defaultMaxInFlight = 256;
/** More than one instance answers to one caller: it stops a loop that runs wild, and nobody else. */
export const defaultRateLimit = 1_200_000;

const minute = 60_000;

/** What pages of other origins may read of an answer besides its body. */
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

/** The security headers that helmet gives. They depend on no request, so it is asked once and not for each. */
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
    // Of use to pages only, and these are answers.
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    originAgentCluster: false,
  });
  answer(response.req, response, () => {});
  return response.getHeaders() as Record<string, string>;
}

/** Answers 408 to a body that trickles in and ends its connection, as Node does to a request as a whole. */
function limitBodyTime(request: FastifyRequest, reply: FastifyReply, milliseconds: number): void {
  const { raw } = request;
  const hasBody = raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length']) > 0;
  if (!hasBody || request.routeOptions.config?.streamsBody) return;
  const timer = setTimeout(() => {
    if (raw.complete || raw.readableEnded) return;
    request.log.info('a body took too long');
    // Another answer would be taken for that of the next request.
    if (reply.raw.writableEnded) return void raw.destroy();
    endWithProblem(raw.socket, requestTimeout(), request.id);
    raw.socket.destroySoon();
  }, milliseconds).unref();
  raw.once('close', () => clearTimeout(timer));
}

/** Refuses what comes while `most` requests are being answered: a quick no, so that the others stay quick. */
function limitInFlight(app: App, most: number): void {
  let inFlight = 0;
  app.decorate('inFlight', () => inFlight);
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config?.unlimited) return done();
    if (inFlight >= most) {
      request.log.debug('refused: too many requests at a time');
      const detail = 'too many requests at a time';
      sendProblem(new Problem('unavailable', { detail, headers: { 'retry-after': '1' } }), request, reply);
      return;
    }
    inFlight++;
    reply.raw.once('close', () => {
      inFlight--;
    });
    done();
  });
}

/** What holds before anyone is asked who they are. To be awaited before routes are registered. */
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
  // Handlers say what else an answer varies by, and write over what was said before them.
  app.addHook('onSend', (_request, reply, payload, done) => {
    const vary = String(reply.getHeader('vary') ?? '');
    if (!/\borigin\b/i.test(vary)) reply.header('vary', vary ? `${vary}, Origin` : 'Origin');
    done(null, payload);
  });
}

/**
 * Limits requests a minute: of a caller with a token by who that is, of everyone else by address, and refused tokens by
 * address too, so that guessing is no way around. Counted by each instance for itself. `authenticate` is registered in
 * between: an address that guesses is turned away before the database is asked.
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
