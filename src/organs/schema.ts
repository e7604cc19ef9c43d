import { type Static, Type } from 'typebox';
import { kindKeys, levelKeys, organKinds, organLevels } from '../editions/vocabulary.ts';
import { keys, nullable } from '../http/schema-parts.ts';
import { organQuery } from '../reports/filters.ts';

const described = (entries: readonly { label: { zh: string; en: string } }[], key: string) =>
  entries
    .map((entry) => `\`${(entry as unknown as Record<string, string>)[key]}\` ${entry.label.zh}`)
    .join(', ');

const kind = keys(kindKeys, { description: `What kind of organ it is: ${described(organKinds, 'kind')}.` });
const level = keys(levelKeys, {
  description: `The level of government it belongs to: ${described(organLevels, 'level')}.`,
});
const name = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^\\S(.*\\S)?$',
  description: 'Its full official name (机关名称), without spaces around it.',
});
const division_code = nullable<string>('string', {
  pattern: '^[1-9][0-9]{5}([0-9]{3})?$',
  description:
    'The GB/T 2260 code of its division: 6 digits, or 9 with the town or street. The first six must be a code that is or was in force. null for organs without one, such as development zones (开发区): wherever places matter they stand where the nearest organ above that has one does.',
});
const parent_id = nullable<string>('string', {
  format: 'uuid',
  description: 'The organ whose consolidated report covers this one; null at the top of a tree.',
});
const creditCodePattern = '^[0-9A-HJ-NPQRTUWXY]{18}$';
const credit_code = nullable<string>('string', {
  pattern: creditCodePattern,
  description:
    'Its unified social credit code (统一社会信用代码, GB 32100-2015): 18 digits and capital letters but I, O, S, V and Z; both check characters are checked.',
});
const date = (description: string) => nullable<string>('string', { format: 'date', description });
const abolished_on = date('Last day of its existence; null while it exists.');
const successor_id = nullable<string>('string', {
  format: 'uuid',
  description: 'The organ that took over its duties; only with `abolished_on`.',
});

const example = {
  name: '宿迁市人民政府',
  kind: 'government',
  level: 'city',
  division_code: '321300',
  parent_id: null,
  credit_code: null,
};

export const NewOrgan = Type.Object(
  {
    name,
    kind,
    level,
    division_code: Type.Optional(division_code),
    parent_id: Type.Optional(parent_id),
    credit_code: Type.Optional(credit_code),
    valid_from: Type.Optional(
      Type.String({
        format: 'date',
        description:
          'The day it began, not in the future: for the years before it owes no report. Left out, it is taken to be as old as is known.',
      }),
    ),
  },
  { $id: 'NewOrgan', description: 'An organ to register; what is left out is null.', examples: [example] },
);
export type NewOrgan = Static<typeof NewOrgan>;

export const OrganPatch = Type.Object(
  {
    name: Type.Optional(name),
    kind: Type.Optional(kind),
    level: Type.Optional(level),
    division_code: Type.Optional(division_code),
    parent_id: Type.Optional(parent_id),
    credit_code: Type.Optional(credit_code),
    valid_from: Type.Optional(
      Type.String({
        format: 'date',
        description:
          'The first day of the name, parent or division given with it, not in the future and after the first day of the present ones, which become history. Without it they are corrected for the whole present period. Alone it corrects when the present period began; with the first period, the organ began.',
      }),
    ),
    abolished_on: Type.Optional(abolished_on),
    successor_id: Type.Optional(successor_id),
  },
  {
    $id: 'OrganPatch',
    description: 'A JSON merge patch (RFC 7396): members left out stay as they are.',
    examples: [{ name: '宿迁市人民政府办公室' }],
  },
);
export type OrganPatch = Static<typeof OrganPatch>;

export const Organ = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'UUIDv7, permanent.' }),
    name,
    kind,
    level,
    division_code,
    parent_id,
    credit_code,
    valid_from: date(
      'First day of the present name, parent and division; null where it is as far back as is known.',
    ),
    abolished_on,
    successor_id,
    created_at: Type.String({ format: 'date-time' }),
    updated_at: Type.String({ format: 'date-time' }),
  },
  {
    $id: 'Organ',
    description: 'An administrative organ (行政机关) that publishes annual reports.',
    examples: [
      {
        id: '01938c5e-7b1a-7c3e-9a51-2f1de0a4c001',
        ...example,
        valid_from: null,
        abolished_on: null,
        successor_id: null,
        created_at: '2026-01-05T02:00:00.000Z',
        updated_at: '2026-01-05T02:00:00.000Z',
      },
    ],
  },
);
export type Organ = Static<typeof Organ>;

export const OrganPeriod = Type.Object(
  {
    name,
    parent_id,
    division_code,
    valid_from: date('First day; null where it is as far back as is known.'),
    valid_to: date('Last day; null for the present.'),
  },
  {
    $id: 'OrganPeriod',
    description: 'A name, parent and division an organ had for a time.',
    examples: [
      { name: '宿迁市人民政府', parent_id: null, division_code: '321300', valid_from: null, valid_to: null },
    ],
  },
);

/** The filters of the lists of organs. */
export const organListQuery = {
  ...organQuery,
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Organs with this text in their name, or in one that they had.',
    }),
  ),
  credit_code: Type.Optional(
    Type.String({
      pattern: creditCodePattern,
      description: 'The organ with this unified social credit code.',
    }),
  ),
};
const organListFilters = Type.Object(organListQuery);
export type OrganListFilters = Static<typeof organListFilters>;
