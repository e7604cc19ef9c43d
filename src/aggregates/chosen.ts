import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { refs } from '../db/refs.ts';
import { every } from '../reports/filters.ts';
import type { Aggregate, FormFigure } from './aggregate.ts';

/**
 * The rows of the fact table that a query adds up, as the relation `chosen`: their keys and the unit of their
 * sums.
 */
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

/** Whether a row of `facts` is the row that `chosen` names. */
export const isChosenRow = ({ rowKeys }: Aggregate): RawBuilder<SqlBool> =>
  every(rowKeys.map((key) => sql`${sql.ref(`facts.${key}`)} = ${sql.ref(`chosen.${key}`)}`));

/** SQL for the name of a row of the fact table, in a relation that has its keys. */
export const rowNameOf = ({ rowKeys }: Aggregate, relation: string): RawBuilder<string> =>
  sql`concat_ws('.', ${refs(rowKeys, relation)})`;
