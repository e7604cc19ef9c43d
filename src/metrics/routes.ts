import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type Db, poolCounts } from '../db/database.ts';
import type { App } from '../http/app-type.ts';
import { problems } from '../http/problem.ts';

const example = `# HELP gongkai_requests_in_flight Requests that are being answered.
# TYPE gongkai_requests_in_flight gauge
gongkai_requests_in_flight 3
`;

/** Makes the registry of what the service measures about itself. No label holds anything that a caller chose. */
function measure(app: App): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const durations = new Histogram({
    name: 'gongkai_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  // A request that finds no operation has no route. Its method could be anything, so it is not a label either.
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? undefined : request.routeOptions.url;
    const labels = { method: route ? request.method : '', route: route ?? '', status: reply.statusCode };
    durations.observe(labels, reply.elapsedTime / 1000);
    done();
  });

  new Gauge({
    name: 'gongkai_requests_in_flight',
    help: 'Requests that are being answered.',
    registers,
    collect() {
      this.set(app.inFlight());
    },
  });
  const pools: [string, Db][] = [
    ['primary', app.db],
    ...(app.readDb === app.db ? [] : [['read', app.readDb] as [string, Db]]),
  ];
  new Gauge({
    name: 'gongkai_database_connections',
    help: 'Connections to the database, in use and idle, and callers that wait for one, by pool.',
    labelNames: ['pool', 'state'],
    registers,
    collect() {
      for (const [pool, db] of pools) {
        const { total, idle, waiting } = poolCounts(db);
        this.set({ pool, state: 'in_use' }, total - idle);
        this.set({ pool, state: 'idle' }, idle);
        this.set({ pool, state: 'waiting' }, waiting);
      }
    },
  });
  return registry;
}

/** Figures of the running service for Prometheus. */
export function metricsRoutes(app: App): void {
  const registry = measure(app);
  app.get(
    '/metrics',
    {
      config: { unlimited: true },
      logLevel: 'warn',
      schema: {
        operationId: 'getMetrics',
        tags: ['operations'],
        summary: 'Figures of the running service',
        description:
          'Durations of requests by route and status, requests in flight, connections to the database, and the process, in the text format of Prometheus. They tell nothing of callers or reports; whoever would rather keep them inside closes the path in front of the service.',
        security: [],
        response: {
          200: {
            description: 'The metrics now.',
            content: { 'text/plain': { schema: { type: 'string', examples: [example] } } },
          },
          ...problems(400),
        },
      },
    },
    async (_request, reply) => {
      reply.type(registry.contentType);
      return (await registry.metrics()) as never;
    },
  );
}
