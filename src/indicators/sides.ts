import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Aggregate } from '../aggregates/aggregate.ts';
import { type Sums, sumCells } from '../aggregates/answer.ts';
import { total } from '../aggregates/exact.ts';
import type { AggregateQuery } from '../aggregates/queries.ts';
import { type Selection, select } from '../aggregates/selection.ts';
import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import type { Indicator, Term } from './indicator.ts';

/** The two sums of an indicator over the same reports, for each group of an answer. */

interface Chosen {
  term: Term;
  query: AggregateQuery;
  selection: Selection;
}

/** What each term adds up. Problems `not-additive` and `not-comparable` (422). */
export const chosen = (terms: readonly Term[], query: AggregateQuery): Chosen[] =>
  terms.map((term) => {
    const own = { ...query, ...term.cells } as AggregateQuery;
    return { term, query: own, selection: select(term.of, own) };
  });

/** One side of a group. */
export interface Part {
  /** The sum over the reports that have a number on both sides. */
  sum: number | null;
  /** Whether any report has a number here. */
  known: boolean;
  /** Blank cells, and reports that have any of the cells, of all reports. */
  blank: number;
  reports: number;
  row: Row;
}

const nameOf = (row: Row, keys: readonly string[]) => JSON.stringify(keys.map((key) => row[key]));

function partsOf(groupBy: readonly string[], all: readonly Sums[], both: readonly Sums[]): Map<string, Part> {
  const grouped = (sums: readonly Sums[]) =>
    Map.groupBy(
      sums.flatMap(({ cells }) => cells),
      (cell) => nameOf(cell, groupBy),
    );
  const sum = (cells: readonly Row[] = []) => total(cells.map(({ value }) => value as number | null));
  const shared = grouped(both);
  return new Map(
    [...grouped(all)].map(([name, cells]) => [
      name,
      {
        sum: sum(shared.get(name)),
        known: sum(cells) !== null,
        blank: cells.reduce((blanks, cell) => blanks + Number(cell.blank), 0),
        reports: Math.max(...cells.map((cell) => Number(cell.reports))),
        row: cells[0]!,
      },
    ]),
  );
}

/** Whether every report that was used has a number in every cell of these terms. */
const isComplete = (sums: readonly Sums[]): boolean =>
  sums.every(
    ({ cells, reports }) =>
      cells.every(({ blank }) => blank === 0) &&
      cells.reduce((all, cell) => all + Number(cell.reports), 0) === reports,
  );

/** That the revision of `facts` has a number in any of the cells that are chosen. */
function isThere(side: readonly Chosen[]): RawBuilder<SqlBool> {
  const cells = side.flatMap(({ term: { of }, selection }) =>
    selection.figures.map(({ keys }) => {
      const row = of.rowKeys.map((key) => sql`${sql.ref(`whole.${key}`)} = ${keys[key]}`);
      const column = sql.ref(`whole.${of.columnKey === undefined ? 'value' : keys[of.columnKey]}`);
      return sql`exists (select from ${sql.table(of.table)} as whole where whole.revision_id = facts.revision_id
        and ${sql.join([...row, sql`${column} is not null`], sql` and `)})`;
    }),
  );
  return sql`(${sql.join(cells, sql` or `)})`;
}

/** The aggregate over the reports for which a condition over `facts` holds. */
const given = (aggregate: Aggregate, condition: RawBuilder<SqlBool>): Aggregate => ({
  ...aggregate,
  conditional: true,
  cell: (column) => {
    const cell = aggregate.cell(column);
    return { ...cell, value: sql`case when ${condition} then ${cell.value} end` };
  },
});

export interface Sides {
  /** Each side of the groups where it has any cell. */
  groups: { numerator: Part | undefined; denominator: Part | undefined }[];
  /** Whether every report has every cell of both sides. */
  complete: boolean;
  /** The first sum of the denominator, over all reports. */
  denominator: Sums;
}

/**
 * Adds both sides up. They see the same reports, since the cells asked for do not decide which are used. Where one of
 * these has no number on one side, both are added up again without such reports. On one state of the database.
 */
export async function sumSides(db: Db, indicator: Indicator, query: AggregateQuery): Promise<Sides> {
  const sums = async (terms: readonly Chosen[], of = (aggregate: Aggregate) => aggregate) => {
    const all: Sums[] = [];
    for (const each of terms) all.push(await sumCells(db, of(each.term.of), each.query, each.selection));
    return all;
  };
  const numerator = chosen(indicator.numerator, query);
  const denominator = chosen(indicator.denominator, query);
  const [above, below] = [await sums(numerator), await sums(denominator)];
  const complete = isComplete([...above, ...below]);
  const both = sql<SqlBool>`(${isThere(numerator)} and ${isThere(denominator)})`;
  const shared = (terms: readonly Chosen[], all: Sums[]) =>
    complete ? all : sums(terms, (aggregate) => given(aggregate, both));
  const { groupBy } = denominator[0]!.selection;
  const over = partsOf(groupBy, above, await shared(numerator, above));
  const under = partsOf(groupBy, below, await shared(denominator, below));
  return {
    groups: [...new Set([...under.keys(), ...over.keys()])].map((name) => ({
      numerator: over.get(name),
      denominator: under.get(name),
    })),
    complete,
    denominator: below[0]!,
  };
}
