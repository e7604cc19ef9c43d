import { type RawBuilder, sql } from 'kysely';
import { type TSchema, Type } from 'typebox';
import { editionKeys } from '../editions/index.ts';
import { kindKeys, levelKeys } from '../editions/vocabulary.ts';
import { keys, nullable } from '../http/schema-parts.ts';
import { joinPlaces, placeCode } from '../reports/filters.ts';

/** What every aggregate can be grouped by besides its own keys: members of the report and of its organ. */
export interface Dimension {
  schema: TSchema;
  /**
   * SQL over `reports` and `organs` with `joinsOf`. `edition` has none, since it differs from aggregate to
   * aggregate.
   */
  expression?: RawBuilder<unknown>;
  /** Whether it divides organs. A consolidated report then stands for others only within each of its values. */
  ofOrgan: boolean;
  /** The order of its values in the answer, where that is not their natural one. */
  values?: readonly string[];
}

const code = (description: string) => nullable<string>('string', { description });

export const dimensions: Readonly<Record<string, Dimension>> = {
  year: {
    schema: Type.Integer({ description: 'Report year.' }),
    expression: sql`reports.year`,
    ofOrgan: false,
  },
  edition: {
    schema: keys(editionKeys, { description: 'Edition of the table as printed.' }),
    ofOrgan: false,
    values: editionKeys,
  },
  province: {
    schema: code(
      'Division code of the province (`320000`); null for organs of no division, nor any above them.',
    ),
    expression: sql`left(${placeCode}, 2) || '0000'`,
    ofOrgan: true,
  },
  city: {
    schema: code(
      'Division code of the city (`321300`); null for organs of a province, or of a county under no city.',
    ),
    expression: sql`cities.code`,
    ofOrgan: true,
  },
  county: {
    schema: code('Division code of the county (`321302`); null for organs of a province or a city.'),
    expression: sql`case when left(${placeCode}, 6) not like '%00' then left(${placeCode}, 6) end`,
    ofOrgan: true,
  },
  level: {
    schema: keys(levelKeys, { description: 'Level of the organ.' }),
    expression: sql`organs.level`,
    ofOrgan: true,
    values: levelKeys,
  },
  kind: {
    schema: keys(kindKeys, { description: 'Kind of the organ.' }),
    expression: sql`organs.kind`,
    ofOrgan: true,
    values: kindKeys,
  },
  organ: {
    schema: Type.String({ format: 'uuid', description: 'Id of the organ; `organ_name` is its name.' }),
    expression: sql`organs.id`,
    ofOrgan: true,
  },
};

/** Those of these keys that divide organs. */
export const organKeysOf = (groupBy: readonly string[]): string[] =>
  groupBy.filter((key) => dimensions[key]?.ofOrgan);

/**
 * The joins that the expressions of these keys need besides `reports` and `organs`. `city` needs the division
 * of a code's first four digits if that is a city: directly administered counties have none.
 */
export function joinsOf(keys: readonly string[]): RawBuilder<unknown> {
  const ofPlaces = ['province', 'city', 'county'].some((key) => keys.includes(key));
  const cities = sql`left join divisions as cities
    on cities.level = 'city' and cities.code = left(${placeCode}, 4) || '00'`;
  return sql`${ofPlaces ? joinPlaces : sql``} ${keys.includes('city') ? cities : sql``}`;
}
