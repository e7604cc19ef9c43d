import { fastify } from 'fastify';
import pg from 'pg';

/**
 * The minimal server that the service's reads are compared with. It is as little as a developer would write who wants
 * only these answers: Fastify, and a named statement for a report. It has no checks, limits, log, identifiers or
 * security headers.
 */

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  application_name: 'bare',
  max: 8,
  // As in the service: JIT compilation of a list takes longer than running it.
  options: '-c jit=off',
});
const app = fastify();

app.get<{ Params: { id: string } }>('/reports/:id', async ({ params }, reply) => {
  const { rows } = await pool.query({
    name: 'report',
    text: 'select body, etag from effective_answers where report_id = $1',
    values: [params.id],
  });
  if (rows.length === 0) return reply.code(404).send({ error: 'not found' });
  reply.header('etag', rows[0].etag).type('application/json; charset=utf-8');
  return rows[0].body;
});

const columns = `reports.id, reports.organ_id, organs.name as organ_name, reports.year, reports.scope,
  revisions.state, revisions.number as revision, revisions.title, revisions.published_on, revisions.source_url,
  revisions.disclosure_edition, revisions.request_edition, revisions.created_at, revisions.updated_at,
  revisions.submitted_at, revisions.effective_at, revisions.findings_summary`;
const list = (condition: string) => `select ${columns} from reports
  join organs on organs.id = reports.organ_id
  join revisions on revisions.report_id = reports.id
  where ${condition} and revisions.state = 'published'
  order by reports.id, revisions.number limit $1`;

type Query = Record<string, string>;
const lists: Record<string, { condition: string; values: (query: Query) => unknown[] }> = {
  '/reports': { condition: 'true', values: () => [] },
  '/reports-after': { condition: 'reports.id > $2', values: ({ after }) => [after] },
  '/reports-of-year': { condition: 'reports.year = any($2::int[])', values: ({ year }) => [[year]] },
  '/reports-of-place': {
    // The few reports of these organs are found first.
    condition: `reports.year = any($2::int[]) and organs.division_code like $3 and organs.level = any($4::text[])
      and reports.id = any(array(select id from reports where year = any($2::int[]) and organ_id = any(array(
        select id from organs where division_code like $3 and level = any($4::text[])))))`,
    values: ({ year, division, level }) => [[year], `${division}%`, [level]],
  },
};
for (const [path, { condition, values }] of Object.entries(lists)) {
  const text = list(condition);
  // Without a name, so that it is planned for its values. A plan for any values would read a large country whole.
  app.get<{ Querystring: Query }>(path, async ({ query }) => {
    const { rows } = await pool.query(text, [Number(query.limit), ...values(query)]);
    const items = rows.map(({ disclosure_edition, request_edition, ...row }) => ({
      ...row,
      editions: { disclosure_items: disclosure_edition, request_statistics: request_edition },
    }));
    return { items };
  });
}

await app.listen({ host: '127.0.0.1', port: 0 });
const { port } = app.server.address() as { port: number };
console.log(`is ready on http://127.0.0.1:${port}`);
