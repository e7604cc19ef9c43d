declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route that reads its body while it arrives, however long that takes. */
    streamsBody?: boolean;
  }
}

export {};
