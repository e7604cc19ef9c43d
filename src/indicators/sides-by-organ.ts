import { type RawBuilder, sql } from 'kysely';
import { mostCells, refuseCells } from '../aggregates/cells.ts';
import { jsonOf, sumOf } from '../aggregates/chosen.ts';
import { byRow, type Columns, heightOf } from '../aggregates/columns.ts';
import { exactNumber } from '../aggregates/exact.ts';
import { inTime } from '../aggregates/from-rows.ts';
import { countsOfReports, finished, reportsOf, summedOf } from '../aggregates/from-segments.ts';
import type { PartialSums } from '../aggregates/partial-sums.ts';
import { layoutOf } from '../aggregates/queries.ts';
import { type RollupPlan, yearsAsked } from '../aggregates/rollup-plan.ts';
import type { Asked } from '../aggregates/segment-cells.ts';
import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import { type Chosen, givenOf } from './chosen.ts';
import { type Needed, neededFrom } from './needed.ts';
import type { Part, Sides } from './sides.ts';

/** What is answered of each side of a group, in order. */
const figures = ['sum', 'known', 'reports', 'blank'] as const;

/** A side as a relation: its keys by name, and its figures as `over_sum` and so on. */
function sideOf(name: string, asked: Asked): RawBuilder<unknown> {
  const layout = layoutOf(asked.aggregate, asked.selection);
  const at = (place: number) => sql.ref(`sums.column_${place}`);
  const sums = layout.columns.map(({ sum }) => at(sum));
  const blanks = layout.columns.map(({ blank }) => at(blank));
  const of: Record<(typeof figures)[number], RawBuilder<unknown>> = {
    sum: sumOf(sums),
    known: sql`(${sql.join(
      layout.columns.map(({ blank, unknown }) =>
        unknown === undefined
          ? sql`${at(layout.rows)} > ${at(blank)}`
          : sql`${at(layout.rows)} > ${at(blank)} + ${at(unknown)}`,
      ),
      sql` or `,
    )})`,
    reports: at(layout.reports),
    blank: sql.join(blanks, sql` + `),
  };
  return sql`(
    select ${sql.join([
      ...layout.keys.map((key, place) => sql`${at(place)} as ${sql.id(key)}`),
      ...figures.map((figure) => sql`${of[figure]} as ${sql.id(`${name}_${figure}`)}`),
    ])} from (${summedOf(asked)}) as sums) as ${sql.id(name)}`;
}

interface Found extends Omit<PartialSums, 'rows'> {
  rows: Columns | null;
  is_cut: boolean;
  gaps: [over_blank: number, over_reports: number, under_blank: number, under_reports: number];
  as_of: string;
}

/** Both sides of a row of what is sent: keys, the organ's name, figures of each side. */
function groupOf(groupBy: readonly string[], row: Columns[number]): Sides['groups'][number] {
  const keys: Row = Object.fromEntries([...groupBy, 'organ_name'].map((key, place) => [key, row[place]!]));
  const partOf = (side: number): Part | undefined => {
    const from = groupBy.length + 1 + side * figures.length;
    const [sum, known, reports, blank] = row.slice(from, from + figures.length);
    // The organ has no cell of this side.
    if (known === null) return undefined;
    return {
      sum: typeof sum === 'string' ? exactNumber(sum, groupBy, keys) : null,
      known: known === true,
      row: { ...keys, reports: reports!, blank: blank! },
    };
  };
  return { numerator: partOf(0), denominator: partOf(1) };
}

/**
 * Both sides of each organ's quotient, added up by one statement; where there are very many, only of those that are
 * `needed`. Problem `too-many-cells` (422).
 */
export async function sumSidesByOrgan(
  db: Db,
  [numerator, denominator]: readonly [Chosen, Chosen],
  plan: RollupPlan,
  scale: number,
  bothSides: boolean,
  needed?: Needed,
  most = mostCells + 1,
): Promise<Sides> {
  const given = bothSides ? { given: givenOf([numerator, denominator]) } : {};
  const askedOf = ({ of, query, selection }: Chosen): Asked => ({
    aggregate: of,
    query,
    selection: { ...selection, ...given },
    plan,
    years: yearsAsked(query).years,
  });
  const [over, under] = [askedOf(numerator), askedOf(denominator)];
  const { groupBy } = under.selection;
  const both = (member: string) => sql.ref(`both_sides.${member}`);
  const numbers = {
    numerator: sql`${both('over_sum')}::float8`,
    denominator: sql`${both('under_sum')}::float8`,
    value: sql`case when ${both('over_known')} and ${both('under_known')} and ${both('under_sum')} <> 0
      then ${both('over_sum')}::float8 * ${scale}::float8 / ${both('under_sum')}::float8 end`,
    reports: sql`coalesce(${both('under_reports')}, 0)`,
    numerator_blank: sql`coalesce(${both('over_blank')}, 0)`,
    denominator_blank: sql`coalesce(${both('under_blank')}, 0)`,
  };
  // Only codes can be null, and none is empty.
  const isSame = (key: string) => {
    const [one, other] = [sql.ref(`over.${key}`), sql.ref(`under.${key}`)];
    return ['organ', 'year'].includes(key)
      ? sql`${one} = ${other}`
      : sql`coalesce(${one}, '') = coalesce(${other}, '')`;
  };
  const names = ['over', 'under'].flatMap((side) => figures.map((figure) => `${side}_${figure}`));
  const named = (from: RawBuilder<unknown>) => sql`(
    select ${jsonOf([...groupBy, 'organ_name', ...names])} from (
      select organs.name as organ_name, ${sql.join([
        ...groupBy.map((key) => sql.ref(`needed.${key}`)),
        ...names.map(
          (name) =>
            sql`needed.${sql.id(name)}${sql.raw(name.endsWith('sum') ? '::text' : '')} as ${sql.id(name)}`,
        ),
      ])}
      from ${from} as needed join organs on organs.id = needed.organ
    ) as named)`;
  const { rows } = await inTime(
    sql<Found>`
    with ${reportsOf(under)},
    both_sides as materialized (
      select ${sql.join([
        ...groupBy.map(
          (key) => sql`coalesce(${sql.ref(`over.${key}`)}, ${sql.ref(`under.${key}`)}) as ${sql.id(key)}`,
        ),
        ...names.map((name) => sql.id(name)),
      ])}
      from ${sideOf('over', over)} full join ${sideOf('under', under)} on ${sql.join(groupBy.map(isSame), sql` and `)}
      ${needed ? sql`` : sql`limit ${most}`}
    )
    select
      case when (select count(*) from both_sides) < ${most} then ${named(sql`both_sides`)}
        ${needed ? sql`else ${named(neededFrom('both_sides', groupBy, numbers, needed, most))}` : sql``} end as rows,
      (select count(*) from both_sides) >= ${most} as is_cut,
      (select json_build_array(${sql.join(
        ['over_blank', 'over_reports', 'under_blank', 'under_reports'].map(
          (name) => sql`coalesce(sum(${sql.id(name)}), 0)`,
        ),
      )}) from both_sides) as gaps,
      ${countsOfReports(under)}, now() as as_of
    from rollup_state`.execute(db),
  );
  const { rows: found, is_cut, gaps, as_of, ...counted } = rows[0]!;
  // Too many are not even sent.
  if (found === null || heightOf(found) >= most) refuseCells();
  const groups = byRow(found).map((row) => groupOf(groupBy, row));
  const { reports, ...about } = finished(under, counted, []);
  return {
    groups,
    gaps: {
      numerator: { blank: gaps[0], absent: reports - gaps[1] },
      denominator: { blank: gaps[2], absent: reports - gaps[3] },
    },
    denominator: {
      ...about,
      reports,
      as_of,
      is_cut,
      cells: groups.flatMap(({ denominator: side }) => (side ? [side.row] : [])),
    },
  };
}
