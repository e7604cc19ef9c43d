import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { refs } from '../db/refs.ts';
import { every } from '../reports/filters.ts';
import type { Aggregate, FormFigure } from './aggregate.ts';

/** The rows of the fact table that a query adds up, as a relation of their keys and the unit their sums are given in. */
export function chosenRelation(
  { keys, columnKey }: Aggregate,
  { figures }: { figures: readonly FormFigure[] },
): RawBuilder<unknown> {
  const names = Object.keys(keys).filter((key) => key !== columnKey);
  const rows = new Map(
    figures.map((figure) => {
      const row = [...names.map((key) => figure.keys[key] ?? null), figure.unit];
      return [row.join(' '), row] as const;
    }),
  );
  const arrays = [...names, 'unit'].map(
    (_, place) => sql`${[...rows.values()].map((row) => row[place])}::text[]`,
  );
  return sql`unnest(${sql.join(arrays)}) as chosen (${refs([...names, 'unit'])})`;
}

/** Whether a row of `facts` is the one of `chosen`. */
export const isChosenRow = ({ rowKeys }: Aggregate): RawBuilder<SqlBool> =>
  every(rowKeys.map((key) => sql`${sql.ref(`facts.${key}`)} = ${sql.ref(`chosen.${key}`)}`));

/** What names a row of a relation with the row's keys. */
export const rowNameOf = ({ rowKeys }: Aggregate, relation: string): RawBuilder<string> =>
  sql`concat_ws('.', ${refs(rowKeys, relation)})`;
