import { type Static, Type } from 'typebox';
import { pageSchema } from '../http/lists.ts';
import { keys, nullable } from '../http/schema-parts.ts';

const divisionLevels = ['province', 'city', 'county'] as const;

const level = (description: string) => keys(divisionLevels, { description });
const date = (description: string) => nullable<string>('string', { format: 'date', description });

const suqian = {
  code: '321300',
  name: '宿迁市',
  level: 'city',
  parent_code: '320000',
  valid_from: null,
  valid_to: null,
};

export const Division = Type.Object(
  {
    code: Type.String({
      pattern: '^[1-9][0-9]{5}$',
      description: 'Six digits of GB/T 2260: two for the province, two for the city, two for the county.',
    }),
    name: Type.String({ description: 'Official name.' }),
    level: level('What the division is; directly administered counties are counties.'),
    parent_code: nullable<string>('string', {
      pattern: '^[1-9][0-9]{5}$',
      description: 'The division it belongs to; null for a province.',
    }),
    valid_from: date('First day the code is known to have been in force; null where it was on every list.'),
    valid_to: date('Last day the code is known to have been in force; null while it is.'),
  },
  {
    $id: 'Division',
    description:
      'An administrative division (行政区划). Codes change over the years and are never reused; reports of earlier years may carry codes that have been abolished.',
    examples: [suqian],
  },
);

export const DivisionPage = pageSchema(Division, 'DivisionPage', {
  description: 'Divisions in the order of their codes.',
  examples: [{ items: [suqian], next_cursor: null }],
});

const area = Type.String({
  pattern: '^[1-9][0-9]([0-9]{2}|[0-9]{4})?$',
  description: 'The code of a division, six digits, or its first two or four.',
});

/** The filters of the lists. The values of one member are alternatives; all members must match. */
export const divisionQuery = {
  under: Type.Optional(
    Type.Array(area, {
      minItems: 1,
      maxItems: 100,
      description:
        'These divisions and everything below them, at any depth: 2 digits a province, 4 a city, 6 a county (a code that ends in `00` is its whole province or city).',
      examples: [['320000'], ['3213']],
    }),
  ),
  level: Type.Optional(
    Type.Array(level('Level of a division.'), {
      minItems: 1,
      maxItems: 3,
      description: 'Divisions of these levels.',
    }),
  ),
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'A part of the name, or the first digits of the code.',
      examples: ['宿迁'],
    }),
  ),
};
const divisionFilters = Type.Object(divisionQuery);
export type DivisionFilters = Static<typeof divisionFilters>;
