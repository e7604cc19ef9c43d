import { type RawBuilder, type SqlBool, sql } from 'kysely';
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

/**
 * Reports that match, each with the revision the caller is answered with, after the key of the page before: what is
 * published, and from organs whose drafts the caller may read the newest revision where nothing is. With `state` every
 * revision in those states that the caller may see.
 */
export async function listReports(
  db: Db,
  filters: ListFilters,
  principal: Principal,
  after: [string, number] | undefined,
  limit: number,
): Promise<ReportSummary[]> {
  const oncePerReport = filters.state === undefined || principal.grants.length === 0;
  const matching = (which: RawBuilder<SqlBool>) =>
    db
      .selectFrom('reports')
      .innerJoin('organs', 'organs.id', 'reports.organ_id')
      .innerJoin('revisions', 'revisions.report_id', 'reports.id')
      .select(summaryColumns)
      .where(reportFilters(filters))
      .where(which)
      .$if(after !== undefined, (query) =>
        query.where(
          // A report that stands once must not come again because its revision changed between two pages.
          oncePerReport
            ? sql<boolean>`reports.id > ${after?.[0]}::uuid`
            : sql<boolean>`(reports.id, revisions.number) > (${after?.[0]}::uuid, ${after?.[1]}::int)`,
        ),
      )
      .orderBy('reports.id')
      .orderBy('revisions.number')
      .limit(limit);
  const { state: states } = filters;
  const publishedOnly = matching(
    states === undefined || states.includes('published')
      ? sql`revisions.state = 'published'`
      : sql`revisions.state in ('none')`,
  );
  const part = (query: typeof publishedOnly) => db.selectFrom(query.as('part')).selectAll();
  // Two searches, each along its own index: among all drafts of the country a caller's own are few.
  const found =
    principal.grants.length === 0
      ? publishedOnly
      : db
          .selectFrom(
            part(publishedOnly)
              .unionAll(part(matching(await unpublished(db, principal, states))))
              .as('found'),
          )
          .selectAll()
          .orderBy('id')
          .orderBy('revision')
          .limit(limit);
  const rows = await found.execute();
  return rows.map(({ disclosure_edition, request_edition, ...row }) => ({
    ...row,
    editions: { disclosure_items: disclosure_edition, request_statistics: request_edition },
  })) as unknown as ReportSummary[];
}

/** The revisions besides the published ones that the list shows to a caller. */
const unpublished = async (
  db: Db,
  principal: Principal,
  states: RevisionState[] | undefined,
): Promise<RawBuilder<SqlBool>> => {
  const readable = await readableOrgans(db, principal, sql.ref('reports.organ_id'));
  return states === undefined
    ? sql`${readable} and not exists (
        select from revisions as others where others.report_id = reports.id
          and (others.state = 'published' or others.number > revisions.number))`
    : sql`${readable} and revisions.state <> 'published' and revisions.state = any(${states}::text[])`;
};

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
