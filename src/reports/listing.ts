import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Principal } from '../access/principal.ts';
import { readableOrgans } from '../access/row-security.ts';
import type { Db } from '../db/database.ts';
import type { EditionKey } from '../editions/edition.ts';
import type { Row } from '../formats/format.ts';
import { isAmongFew } from './few-reports.ts';
import { type ReportFilters, reportFilters } from './filters.ts';
import type { ReportSummary, RevisionState } from './schema.ts';

/** Lists of reports without their narrative and figures. */

interface SummaryRow extends Omit<ReportSummary, 'editions'> {
  disclosure_edition: EditionKey;
  request_edition: EditionKey;
}

/** One text, made once. Building it for each request took as long as reading the rows. */
const summaryColumns =
  sql.raw(`reports.id, reports.organ_id, organs.name as organ_name, reports.year, reports.scope,
  revisions.state, revisions.number as revision, revisions.title, revisions.published_on, revisions.source_url,
  revisions.disclosure_edition, revisions.request_edition, revisions.created_at, revisions.updated_at,
  revisions.submitted_at, revisions.effective_at, revisions.findings_summary`);

export type ListFilters = ReportFilters & { effective_since?: string; state?: RevisionState[] };

/**
 * Up to `limit` reports that match, in order of filing, that come after the report id and revision number in `after`.
 * Each comes with the revision that the caller is answered with: the published one. Where nothing is published, and
 * the caller may read the organ's drafts, it is the newest one. With `state` the list has every revision in those
 * states that the caller may see.
 */
export async function listReports(
  db: Db,
  filters: ListFilters,
  principal: Principal,
  after: [string, number] | undefined,
  limit: number,
): Promise<ReportSummary[]> {
  const { state: states, effective_since } = filters;
  const since =
    effective_since === undefined
      ? sql``
      : sql`and revisions.effective_at >= ${effective_since}::timestamptz`;
  const oncePerReport =
    principal.grants.length === 0 || (states ?? ['published']).every((state) => state === 'published');
  // A report that is listed once must not come again because its revision changed between two pages.
  const following =
    after === undefined
      ? sql``
      : oncePerReport
        ? sql`and reports.id > ${after[0]}::uuid`
        : sql`and (reports.id, revisions.number) > (${after[0]}::uuid, ${after[1]}::int)`;
  const few = await isAmongFew(db, filters);
  const matching = (which: RawBuilder<SqlBool>) => sql<SummaryRow>`
    select ${summaryColumns}
    from reports join organs on organs.id = reports.organ_id join revisions on revisions.report_id = reports.id
    where ${reportFilters(filters)} and ${which} and ${few} ${since} ${following}
    order by reports.id, revisions.number limit ${limit}`;
  const published = matching(
    states === undefined || states.includes('published') ? sql`revisions.state = 'published'` : sql`false`,
  );
  // Two searches, each along its own index. A caller's own drafts are few among those of the whole country.
  const found =
    principal.grants.length === 0
      ? published
      : sql<SummaryRow>`(${published}) union all (${matching(await unpublished(db, principal, states))})
          order by id, revision limit ${limit}`;
  const { rows } = await found.execute(db);
  return rows.map(toSummary);
}

/** Copies member by member. Taking two members out of a row and spreading the rest takes several times as long. */
const toSummary = (row: SummaryRow): ReportSummary => ({
  id: row.id,
  organ_id: row.organ_id,
  organ_name: row.organ_name,
  year: row.year,
  scope: row.scope,
  state: row.state,
  revision: row.revision,
  title: row.title,
  published_on: row.published_on,
  source_url: row.source_url,
  editions: { disclosure_items: row.disclosure_edition, request_statistics: row.request_edition },
  created_at: row.created_at,
  updated_at: row.updated_at,
  submitted_at: row.submitted_at,
  effective_at: row.effective_at,
  findings_summary: row.findings_summary,
});

/** The condition for the revisions that the list shows to a caller, other than published ones. */
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
