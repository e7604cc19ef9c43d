import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { Db } from '../db/database.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The primary database, for everything written and for reads that must see the caller's own writes. */
    db: Db;
    /** For public reads: a replica where one is configured, otherwise the primary. */
    readDb: Db;
    /** The latest report year a document may name: next year in Asia/Shanghai. */
    latestYear: () => number;
  }
}

/** The Fastify instance with request and answer types taken from the TypeBox schemas of each route. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
