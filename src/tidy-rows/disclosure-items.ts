import { sql } from 'kysely';
import { editionKeys, editions } from '../editions/index.ts';
import { itemKeys, measureKeys } from '../editions/vocabulary.ts';
import { keys, nullable, several } from '../http/schema-parts.ts';
import type { TidyTable } from './tidy-table.ts';

const printed = editions.flatMap((edition) =>
  edition.disclosure_items.flatMap((item) =>
    item.measures.map((measure) => `${edition.edition}/${item.item}.${measure.measure}`),
  ),
);

export const disclosureItems: TidyTable = {
  table: 'disclosure_items',
  path: 'disclosure-items',
  name: 'DisclosureItems',
  summary: 'Section two across reports: information disclosed on the organs’ own initiative',
  description:
    'One row a cell (item and measure) of 主动公开政府信息情况. `value` is null where the cell was printed blank; a cell that a report does not have gives no row.',
  columns: {
    edition: keys(editionKeys, { description: 'Edition of the table.' }),
    item: keys(itemKeys),
    measure: keys(measureKeys),
    value: nullable<number>('number', { description: 'In `unit`; at most four decimals; null is a blank.' }),
    unit: nullable<string>('string', {
      description:
        '件 cases or documents, 项 matters or projects, 元 and 万元 money; null where a report names none.',
    }),
  },
  columnLabels: {},
  filters: {
    item: several(keys(itemKeys), 'These items.'),
    measure: several(keys(measureKeys), 'These measures.'),
  },
  position: sql`array_position(${printed}::text[], facts.edition || '/' || facts.item || '.' || facts.measure)`,
  example: { edition: '2021', item: 'regulations', measure: 'issued', value: 3, unit: '件' },
};
