import { sql } from 'kysely';
import { editions } from '../editions/index.ts';
import { itemKeys, measureKeys } from '../editions/vocabulary.ts';
import type { Aggregate, FormFigure } from './aggregate.ts';

/**
 * The measures of what stands at the end (or the beginning) of a year. All others are of what happened in the
 * year.
 */
const stocks = ['disclosed_total', 'prior_items', 'in_force'];

const figures = itemKeys.flatMap((item) =>
  measureKeys.flatMap((measure): FormFigure[] => {
    const printed = editions.flatMap((edition) =>
      edition.disclosure_items
        .filter((candidate) => candidate.item === item)
        .flatMap((candidate) => candidate.measures)
        .filter((candidate) => candidate.measure === measure)
        .map(({ unit }) => ({ edition: edition.edition, unit: unit ?? ('元' as const) })),
    );
    return printed.slice(0, 1).map(({ unit }) => ({
      keys: { item, measure },
      row: `${item}.${measure}`,
      editions: printed.map(({ edition }) => edition),
      kind: `${item}.${measure}`,
      stock: stocks.includes(measure),
      unit,
    }));
  }),
);

export const disclosureItems: Aggregate = {
  table: 'disclosure_items',
  path: 'disclosure-items',
  name: 'DisclosureItems',
  summary: 'Sums of section two: information disclosed on the organs’ own initiative',
  description:
    'Every sum is of one measure of one item: group by `item` and `measure`, or choose one of each. Measures that the editions do not share are never added; the editions share only `decisions` of licensing, penalties and compulsion. `disclosed_total`, `prior_items` and `in_force` are stocks. `unit` is the unit of `value`: procurement amounts, which reports give in 元 or 万元, are added in 元 (fees are in 万元, as printed). An amount whose report names no unit is not added, except a zero; `unit_unknown` counts them.',
  keys: {
    item: { description: 'Item of Article 20.', values: itemKeys },
    measure: { description: 'What is measured of it.', values: measureKeys },
  },
  figures,
  rowKeys: ['item', 'measure'],
  separates: ['item', 'measure'],
  hasUnits: true,
  edition: 'disclosure_edition',
  cell: () => ({
    value: sql`case
      when facts.unit = chosen.unit or facts.value = 0 then facts.value
      when facts.unit = '万元' and chosen.unit = '元' then facts.value * 10000 end`,
    blank: sql`facts.value is null`,
    unit_unknown: sql`facts.unit is null and facts.value <> 0`,
  }),
  example: {
    group_by: ['year', 'item', 'measure'],
    data: [
      {
        year: 2023,
        item: 'regulations',
        measure: 'issued',
        value: 3,
        unit: '件',
        reports: 1,
        blank: 0,
        unit_unknown: 0,
      },
    ],
  },
};
