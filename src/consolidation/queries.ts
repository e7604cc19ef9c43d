import { sql } from 'kysely';
import { exactNumber } from '../aggregates/exact.ts';
import { coverageTables } from '../coverage/queries.ts';
import type { Db } from '../db/database.ts';
import type { EditionKey } from '../editions/edition.ts';
import { getRevision } from '../reports/queries.ts';
import type { PartSum, Parts } from '../rules/parts.ts';
import { type SummedRow, summedTables } from './sums.ts';

export interface Coverage {
  parts: number;
  used: number;
  covered: number;
  missing: number;
  not_due: number;
}

/**
 * Adds up, in one statement, the parts of an organ's consolidated report of a year, and counts them. The parts are
 * the organ's own report and everything below it.
 */
export async function sumParts(
  db: Db,
  organ_id: string,
  year: number,
): Promise<{ coverage: Coverage; parts: Parts }> {
  const tables = summedTables.map(
    ({ rows }) => sql`(select coalesce(jsonb_agg(summed), '[]') from (${rows}) as summed)`,
  );
  const { rows } = await sql<Coverage & { editions: EditionKey[]; tables: SummedRow[][] }>`
    with recursive ${coverageTables({ year, parts_of: organ_id })},
    used as materialized (select revision_id from coverage where status = 'used')
    select count(*) as parts, count(*) filter (where status = 'used') as used,
      count(*) filter (where status = 'covered') as covered, count(*) filter (where status = 'missing') as missing,
      count(*) filter (where status = 'not_due') as not_due,
      (select coalesce(array_agg(distinct request_edition order by request_edition), '{}')
        from used join revisions on revisions.id = used.revision_id) as editions,
      jsonb_build_array(${sql.join(tables)}) as tables
    from coverage`.execute(db);
  const { editions, tables: summed, ...coverage } = rows[0]!;
  const sums = summed.flatMap((lines, index) => lines.flatMap((line) => partSums(index, line)));
  return { coverage, parts: { reports: coverage.used, editions, sums } };
}

const advice =
  'GET /v1/coverage?parts_of=… names the parts: one of them hardly has so many, and should be corrected.';

/** The sum at each cell of a row. Problem `not-additive` (422) where a JSON number cannot hold one. */
function partSums(index: number, { key, reports, sums, numbers, unit_unknown, cells }: SummedRow): PartSum[] {
  const { table, columns } = summedTables[index]!;
  return sums.map((sum, place) => {
    const cell = [table, key, columns[place]].filter((each) => each !== undefined).join('.');
    return {
      cell,
      sum: sum === null ? null : exactNumber(sum, ['cell'], { cell }, advice),
      reports,
      blank: cells - numbers[place]!,
      unit_unknown,
    };
  });
}

/** An organ's effective consolidated report of a year with its figures; null where there is none. */
export async function findWhole(db: Db, organ_id: string, year: number) {
  const found = await db
    .selectFrom('reports')
    .innerJoin('revisions', 'revisions.report_id', 'reports.id')
    .select(['reports.id as report_id', 'revisions.id as revision_id', 'revisions.number as revision'])
    .where('reports.organ_id', '=', organ_id)
    .where('reports.year', '=', year)
    .where('reports.scope', '=', 'consolidated')
    .where('revisions.state', '=', 'published')
    .executeTakeFirst();
  if (found === undefined) return null;
  const { report_id, revision_id, revision } = found;
  return { report_id, revision, content: await getRevision(db, revision_id) };
}
