import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Principal } from '../access/principal.ts';
import { readableOrgans } from '../access/row-security.ts';
import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import { reportFilters } from '../reports/filters.ts';
import type { KeptSums } from '../rollups/reader.ts';
import { countByWalking } from '../walk/counting.ts';
import { onWalkedState } from '../walk/turns.ts';
import type { AnalystQuery } from './answer.ts';
import { mostCells, refuseCells } from './cells.ts';
import { joinsOf } from './dimensions.ts';
import { inTime } from './in-time.ts';
import { countPublished, planOfCounts } from './published-counts.ts';
import { arePublished, type ReportState, reportKeys, statesOf } from './report-keys.ts';

/** Counts reports: published ones from the rollups or by walking the segments, others one by one in the database. */

/**
 * Selects the one revision that tells the state of a report, where not only published reports are asked for.
 * It is the published one; else the open one, if the caller may read it; else the one withdrawn last. So a
 * report counts once, whichever states are asked for.
 */
function telling(readable: RawBuilder<SqlBool>, states: readonly ReportState[]): RawBuilder<SqlBool> {
  const open = (name: string) => sql`(${sql.ref(`${name}.state`)} in ('draft', 'submitted') and ${readable})`;
  return sql`revisions.state = any(${states}::text[]) and (revisions.state in ('published', 'withdrawn') or ${open('revisions')})
    and not exists (
      select from revisions as others where others.report_id = reports.id and revisions.state <> 'published'
        and (others.state = 'published' or revisions.state = 'withdrawn' and (${open('others')}
          or others.state = 'withdrawn' and others.number > revisions.number)))`;
}

/**
 * The revisions of a report as the caller may know them. That one was withdrawn everybody may; its title and day only
 * who may read it, or else filters would tell them.
 */
const knownRevisions = (readable: RawBuilder<SqlBool>) => sql`lateral (
  select id, number, state, disclosure_edition, request_edition,
    case when state <> 'withdrawn' or ${readable} then title end as title,
    case when state <> 'withdrawn' or ${readable} then published_on end as published_on
  from revisions where report_id = reports.id) as revisions`;

export interface Counted {
  rows: Row[];
  as_of: string;
}

/** SQL that counts by looking at every report. */
async function countingReports(
  db: Db,
  principal: Principal,
  states: readonly ReportState[],
  query: AnalystQuery,
  groupBy: readonly string[],
): Promise<RawBuilder<unknown>> {
  const readable = await readableOrgans(db, principal, sql.ref('reports.organ_id'));
  const columns = groupBy.map((key) => sql`${reportKeys[key]!.expression} as ${sql.id(key)}`);
  return sql`
    select ${sql.join([...columns, sql`count(*) as value`])}
    from reports join organs on organs.id = reports.organ_id cross join ${knownRevisions(readable)}
      ${joinsOf(groupBy)}
    where ${reportFilters(query)} and ${telling(readable, states)}
    ${groupBy.length === 0 ? sql`` : sql`group by ${sql.join(groupBy.map((_, index) => sql.lit(index + 1)))}`}`;
}

/**
 * Counts the reports of each combination of keys, as `value`, for each of several groupings. Counts what the
 * caller may see. Problem `too-many-cells` (422).
 */
export async function countBy(
  db: Db,
  principal: Principal,
  query: AnalystQuery,
  groupings: readonly (readonly string[])[],
  kept: KeptSums | undefined,
): Promise<Counted[]> {
  const states = statesOf(query.state);
  const plans = groupings.map((groupBy) => (arePublished(states) ? planOfCounts(query, groupBy) : undefined));
  const toWalk = arePublished(states) ? groupings.filter((_, place) => !plans[place]) : [];
  // What is walked and what comes from the rollups must be of one state of the database.
  if (!db.isTransaction && toWalk.length > 0 && toWalk.length < groupings.length)
    return onWalkedState(db, query, async (state) =>
      countBy(state, principal, query, groupings, await kept?.within(state)),
    );
  const walked = toWalk.length > 0 ? await countByWalking(db, query, toWalk, kept?.register) : [];
  const count = async (groupBy: readonly string[], place: number): Promise<Counted> => {
    const plan = plans[place];
    if (plan) return countPublished(db, query, groupBy, plan, kept);
    const found = walked[toWalk.indexOf(groupBy)];
    if (found) return found;
    return countInDatabase(db, groupBy, await countingReports(db, principal, states, query, groupBy));
  };
  const counted: Counted[] = [];
  for (const [place, groupBy] of groupings.entries()) counted.push(await count(groupBy, place));
  return counted;
}

/** The rows of a statement that selects keys and `value`. Problem `too-many-cells` (422). */
async function countInDatabase(
  db: Db,
  groupBy: readonly string[],
  counting: RawBuilder<unknown>,
): Promise<Counted> {
  const statement = sql<Counted>`
    with counted as (${counting} limit ${mostCells + 1})
    select (select coalesce(jsonb_agg(counted), '[]') from counted) as rows, now() as as_of`;
  const { rows } = await inTime(statement.execute(db));
  const { rows: counted, as_of } = rows[0]!;
  if (counted.length > mostCells) refuseCells();
  return { rows: counted.map((row) => ({ ...pickKeys(row, groupBy), value: row.value! })), as_of };
}

const pickKeys = (row: Row, groupBy: readonly string[]): Row =>
  Object.fromEntries(groupBy.map((key) => [key, row[key] ?? null]));
