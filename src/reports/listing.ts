import { sql } from 'kysely';
import type { Principal } from '../access/principal.ts';
import { readableOrgans } from '../access/row-security.ts';
import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import { type ReportFilters, reportFilters } from './filters.ts';
import type { ReportSummary, RevisionState } from './schema.ts';

/** Lists of reports without their narrative and figures. */

const summaryColumns = [
  'reports.id',
  'reports.organ_id',
  'organs.name as organ_name',
  'reports.year',
  'reports.scope',
  'revisions.state',
  'revisions.number as revision',
  'revisions.title',
  'revisions.published_on',
  'revisions.source_url',
  'revisions.disclosure_edition',
  'revisions.request_edition',
  'revisions.created_at',
  'revisions.updated_at',
  'revisions.submitted_at',
  'revisions.effective_at',
  'revisions.findings_summary',
] as const;

export type ListFilters = ReportFilters & { state?: RevisionState[] };

/** Reports that match, each with the revision the caller is answered with, after the key of the page before. */
export async function listReports(
  db: Db,
  filters: ListFilters,
  principal: Principal,
  after: [string, number] | undefined,
  limit: number,
): Promise<ReportSummary[]> {
  const { state: states } = filters;
  const seesDrafts = principal.grants.length > 0;
  const readable = readableOrgans(principal, sql.ref('reports.organ_id'));
  const isVisible = (revisions: 'revisions' | 'candidates') =>
    seesDrafts
      ? sql<boolean>`(${sql.ref(`${revisions}.state`)} = 'published' or ${readable})`
      : sql<boolean>`${sql.ref(`${revisions}.state`)} = 'published'`;
  const rows = await db
    .selectFrom('reports')
    .innerJoin('organs', 'organs.id', 'reports.organ_id')
    .innerJoin('revisions', 'revisions.report_id', 'reports.id')
    .select(summaryColumns)
    .where(reportFilters(filters))
    .$if(states !== undefined, (query) => query.where('revisions.state', 'in', states!))
    .$if(states !== undefined || !seesDrafts, (query) => query.where(isVisible('revisions')))
    .$if(states === undefined && seesDrafts, (query) =>
      query.where('revisions.id', '=', (eb) =>
        eb
          .selectFrom('revisions as candidates')
          .select('candidates.id')
          .whereRef('candidates.report_id', '=', 'reports.id')
          .where(isVisible('candidates'))
          .orderBy(sql`candidates.state = 'published'`, 'desc')
          .orderBy('candidates.number', 'desc')
          .limit(1),
      ),
    )
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(reports.id, revisions.number) > (${after?.[0]}::uuid, ${after?.[1]}::int)`),
    )
    .orderBy('reports.id')
    .orderBy('revisions.number')
    .limit(limit)
    .execute();
  return rows.map(({ disclosure_edition, request_edition, ...row }) => ({
    ...row,
    editions: { disclosure_items: disclosure_edition, request_statistics: request_edition },
  })) as unknown as ReportSummary[];
}

/** A summary as one flat row, for formats that have no nested members. */
export const flatSummary = ({ editions, findings_summary, ...summary }: ReportSummary): Row => ({
  ...summary,
  disclosure_edition: editions.disclosure_items,
  request_edition: editions.request_statistics,
  errors: findings_summary.error,
  warnings: findings_summary.warning,
  infos: findings_summary.info,
  not_evaluated: findings_summary.not_evaluated,
});

/** The members of `flatSummary`, in order. */
export const flatColumns = [
  'id',
  'organ_id',
  'organ_name',
  'year',
  'scope',
  'state',
  'revision',
  'title',
  'published_on',
  'source_url',
  'disclosure_edition',
  'request_edition',
  'created_at',
  'updated_at',
  'submitted_at',
  'effective_at',
  'errors',
  'warnings',
  'infos',
  'not_evaluated',
];
