import { type RawBuilder, sql } from 'kysely';
import { mostCells } from '../aggregates/cells.ts';
import { jsonOf, sumOf } from '../aggregates/chosen.ts';
import { byRow, type Columns } from '../aggregates/columns.ts';
import { computedMembers } from '../aggregates/computations.ts';
import { sameKey } from '../aggregates/dimensions.ts';
import { exactNumber } from '../aggregates/exact.ts';
import { countsOfReports, finished, reportsOf, summedOf } from '../aggregates/from-segments.ts';
import { inTime } from '../aggregates/in-time.ts';
import type { PartialSums } from '../aggregates/partial-sums.ts';
import { layoutOf } from '../aggregates/queries.ts';
import { type Refining, refinedFrom, refinedJson } from '../aggregates/refined.ts';
import { type Sent, sentOf } from '../aggregates/refined-sums.ts';
import { type RollupPlan, yearsAsked } from '../aggregates/rollup-plan.ts';
import { type Asked, isOfCountry, readSegments } from '../aggregates/segment-entries.ts';
import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import { every } from '../reports/filters.ts';
import { type Chosen, givenOf } from './chosen.ts';
import type { Part, Sides } from './sides.ts';

/** A side as a relation: its keys by name, and its figures, of which all but the sum have the name of the side before theirs. */
function sideOf(name: 'numerator' | 'denominator', asked: Asked): RawBuilder<unknown> {
  const layout = layoutOf(asked.aggregate, asked.selection);
  const at = (place: number) => sql.ref(`sums.column_${place}`);
  const isKnown = layout.columns.map(({ blank, unknown }) =>
    unknown === undefined
      ? sql`${at(layout.rows)} > ${at(blank)}`
      : sql`${at(layout.rows)} > ${at(blank)} + ${at(unknown)}`,
  );
  const blanks = layout.columns.map(({ blank }) => at(blank));
  return sql`(
    select ${sql.join([
      ...layout.keys.map((key, place) => sql`${at(place)} as ${sql.id(key)}`),
      sql`${sumOf(layout.columns.map(({ sum }) => at(sum)))} as ${sql.id(name)}`,
      sql`(${sql.join(isKnown, sql` or `)}) as ${sql.id(`${name}_known`)}`,
      sql`${at(layout.reports)} as ${sql.id(`${name}_reports`)}`,
      sql`${sql.join(blanks, sql` + `)} as ${sql.id(`${name}_blanks`)}`,
    ])} from (${summedOf(asked)}) as sums) as ${sql.id(name)}`;
}

const names = ['numerator', 'denominator'].flatMap((side) => [
  side,
  `${side}_known`,
  `${side}_reports`,
  `${side}_blanks`,
]);

/** Both sides of a row of what is sent: keys, the organ's name, figures of each side. */
function groupOf(groupBy: readonly string[], row: Columns[number]): Sides['groups'][number] {
  const keys: Row = Object.fromEntries([...groupBy, 'organ_name'].map((key, place) => [key, row[place]!]));
  const partOf = (side: number): Part | undefined => {
    const [sum, known, reports, blank] = row.slice(groupBy.length + 1 + side * 4);
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

interface Found extends PartialSums {
  refined?: Columns;
  gaps: [
    numerator_blanks: number,
    numerator_reports: number,
    denominator_blanks: number,
    denominator_reports: number,
  ];
  as_of: string;
}

/** Sides of organs: those of `earlier` years as well, or only of the rows of the answer, as the database refined them. */
export interface SidesOfOrgans extends Sides {
  before: Sides['groups'];
  /** What is computed of each of the groups, which are in the order of the answer. */
  computed?: Row[];
}

/**
 * Both sides of each organ's quotient, added up by one statement. Where there are `most` groups, the quotients are
 * refined as `refining` says. Problem `too-many-cells` (422).
 */
export async function sumSidesByOrgan(
  db: Db,
  [numerator, denominator]: readonly [Chosen, Chosen],
  {
    plan,
    scale,
    bothSides,
    refining,
    earlier = [],
    most = mostCells + 1,
  }: {
    plan: RollupPlan;
    scale: number;
    bothSides: boolean;
    refining: Refining;
    earlier?: readonly number[];
    most?: number;
  },
): Promise<SidesOfOrgans> {
  const given = bothSides ? { given: givenOf([numerator, denominator]) } : {};
  const { years } = yearsAsked(denominator.query);
  const askedOf = ({ of, query, selection }: Chosen): Asked => ({
    aggregate: of,
    query,
    selection: { ...selection, ...given },
    plan,
    years,
    earlier,
  });
  const [over, under] = [askedOf(numerator), askedOf(denominator)];
  const { groupBy } = under.selection;
  const sides = (member: string) =>
    [sql.ref(`numerator.${member}`), sql.ref(`denominator.${member}`)] as const;
  const present = earlier.length > 0 ? sql`where year = any(${years}::int[])` : sql``;
  const areFew = sql`(select count(*) from both_sides ${present}) < ${most}`;
  const refined = refinedFrom('quotients', refining, earlier.length > 0 ? years : undefined);
  const computed = computedMembers(refining.refinement.compute ?? []);
  const sent = [...groupBy, 'organ_name', ...names];
  const sentRefined = [...sent, ...computed].map((member) => {
    if (member === 'organ_name') return sql`(select name from organs where id = refined.organ)`;
    return sql`${sql.id(member)}${sql.raw(['numerator', 'denominator'].includes(member) ? '::text' : '')}`;
  });
  const statement = sql<Sent<Found>>`
    with ${reportsOf(under)},
    both_sides as materialized (
      select ${sql.join([
        ...groupBy.map((key) => sql`coalesce(${sql.join(sides(key))}) as ${sql.id(key)}`),
        ...names.map((name) => sql.id(name)),
      ])}
      from ${sideOf('numerator', over)} full join ${sideOf('denominator', under)} on ${every(groupBy.map((key) => sameKey(key, ...sides(key))))}
      ${refined || earlier.length > 0 ? sql`` : sql`limit ${most}`}
    ),
    quotients as (
      select *, coalesce(denominator_reports, 0) as reports,
        coalesce(numerator_blanks, 0) as numerator_blank, coalesce(denominator_blanks, 0) as denominator_blank,
        case when numerator_known and denominator_known and denominator <> 0
          then numerator::float8 * ${scale}::float8 / denominator::float8 end as value
      from both_sides
    )
    select
      case when ${areFew} then (
        select ${jsonOf(sent)} from (
          select ${sql.join([
            ...groupBy.map((key) => sql.ref(`both_sides.${key}`)),
            ...names.map((name) =>
              ['numerator', 'denominator'].includes(name)
                ? sql`${sql.id(name)}::text as ${sql.id(name)}`
                : sql.id(name),
            ),
          ])}, organs.name as organ_name
          from both_sides join organs on organs.id = organ
        ) as named) end as rows,
      ${refined ? sql`case when not ${areFew} then ${refinedJson(refined, sentRefined)} end as refined,` : sql``}
      (select json_build_array(${sql.join(
        ['numerator_blanks', 'numerator_reports', 'denominator_blanks', 'denominator_reports'].map(
          (name) => sql`coalesce(sum(${sql.id(name)}), 0)`,
        ),
      )}) from both_sides ${present}) as gaps,
      ${countsOfReports(under)}, now() as as_of
    from rollup_state`;
  const { rows } = await inTime(readSegments(db, isOfCountry(under), (trx) => statement.execute(trx)));
  const { rows: found, refined: refinedRows, gaps, as_of, ...counted } = sentOf(rows[0]!);
  const all = byRow(refinedRows ?? found);
  const year = groupBy.indexOf('year');
  const isEarlier = (row: Columns[number]) => earlier.includes(row[year] as number);
  const groupsOf = (which: Columns) => which.map((row) => groupOf(groupBy, row));
  const groups = groupsOf(all.filter((row) => !isEarlier(row)));
  const { reports, ...about } = finished(under, counted, []);
  return {
    groups,
    before: groupsOf(all.filter(isEarlier)),
    ...(refinedRows && {
      computed: all.map((row) =>
        Object.fromEntries(computed.map((member, place) => [member, row[sent.length + place]!])),
      ),
    }),
    gaps: {
      numerator: { blank: gaps[0], absent: reports - gaps[1] },
      denominator: { blank: gaps[2], absent: reports - gaps[3] },
    },
    denominator: {
      ...about,
      reports,
      as_of,
      ...(refinedRows && { refined: refinedRows }),
      cells: groups.flatMap(({ denominator: side }) => (side ? [side.row] : [])),
      before: [],
    },
  };
}
