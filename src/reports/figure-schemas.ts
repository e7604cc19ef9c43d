import { Type } from 'typebox';
import { applicants, type Label, outcomes, proceedings, type Unit } from '../editions/edition.ts';
import { itemKeys, measureKeys, rowKeys } from '../editions/vocabulary.ts';
import { keys, nullable } from '../http/schema-parts.ts';

/** The rows of the three tables on the wire: whole, as the body of a single-row operation, and as a patch of one. */

const named = (label: Label) => `${label.zh} (${label.en})`;
const count = (description: string) =>
  nullable<number>('integer', { minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description });

const itemCells = {
  value: nullable<number>('number', {
    description:
      'A whole number, or money with at most 4 decimals; null where the cell is blank. Only `items_change` may be negative.',
  }),
  unit: Type.Optional(
    nullable<Unit>('string', {
      description:
        'The form’s unit: 件, 项, 元 or 万元; for `procurement.amount` 元, 万元, or null where unknown. By default the form’s own.',
    }),
  ),
};
export const DisclosureItemCell = Type.Object(
  {
    item: keys(itemKeys, { description: 'An item of Article 20 of Decree 711.' }),
    measure: keys(measureKeys, { description: 'A column the form prints for the item.' }),
    ...itemCells,
  },
  {
    $id: 'DisclosureItemCell',
    description: 'One captured cell of section two (主动公开政府信息情况).',
    examples: [{ item: 'regulations', measure: 'issued', value: 3, unit: '件' }],
  },
);

const applicantCells = Object.fromEntries(
  applicants.map(({ applicant, label }) => [applicant, count(`${named(label)}; null where blank.`)]),
) as Record<(typeof applicants)[number]['applicant'], ReturnType<typeof count>>;
export const RequestStatisticsRow = Type.Object(
  { row: keys(rowKeys, { description: 'A row of section three.' }), ...applicantCells },
  {
    $id: 'RequestStatisticsRow',
    description: 'One captured row of section three (收到和处理政府信息公开申请情况), in requests (件).',
    examples: [
      {
        row: 'granted',
        natural_person: 258,
        business: 12,
        research: null,
        public_interest: null,
        legal_service: 1,
        other: 1,
        total: 272,
      },
    ],
  },
);

const outcomeCells = Object.fromEntries(
  outcomes.map(({ outcome, label }) => [outcome, count(`${named(label)}; null where blank.`)]),
) as Record<(typeof outcomes)[number]['outcome'], ReturnType<typeof count>>;
export const ReviewLitigationCountsRow = Type.Object(
  {
    proceeding: keys(
      proceedings.map((entry) => entry.proceeding),
      { description: proceedings.map((entry) => `\`${entry.proceeding}\` ${entry.label.zh}`).join(', ') },
    ),
    ...outcomeCells,
  },
  {
    $id: 'ReviewLitigationCountsRow',
    description: 'One captured proceeding of section four (行政复议、行政诉讼情况), in cases (件).',
    examples: [{ proceeding: 'review', upheld: 5, corrected: null, other: null, pending: 2, total: 7 }],
  },
);

export const CellNote = Type.Object(
  {
    cell: Type.String({
      maxLength: 200,
      description:
        'The address of a cell, such as `request_statistics.granted.total`, or of a row or table where something stands beside the official cells.',
    }),
    raw: Type.String({ maxLength: 2000, description: 'What was printed.' }),
    note: Type.Optional(
      nullable<string>('string', { maxLength: 2000, description: 'A remark of whoever entered it.' }),
    ),
  },
  {
    $id: 'CellNote',
    description: 'What was printed where it was more than a plain number.',
    examples: [{ cell: 'disclosure_items.procurement.amount', raw: '251000元', note: null }],
  },
);

/** The same members, each of which may be left out. */
export const optional = <T extends Record<string, import('typebox').TSchema>>(members: T) =>
  Object.fromEntries(Object.entries(members).map(([key, member]) => [key, Type.Optional(member)])) as {
    [K in keyof T]: ReturnType<typeof Type.Optional<T[K]>>;
  };
/** Bodies of the single-row operations. The keys of the row may be left out. */
export const DisclosureItemCellInput = Type.Object(
  { item: Type.Optional(Type.String()), measure: Type.Optional(Type.String()), ...itemCells },
  {
    $id: 'DisclosureItemCellInput',
    description: 'The new content of one cell of section two.',
    examples: [{ value: 3, unit: '件' }],
  },
);
export const DisclosureItemCellPatch = Type.Object(
  { item: Type.Optional(Type.String()), measure: Type.Optional(Type.String()), ...optional(itemCells) },
  {
    $id: 'DisclosureItemCellPatch',
    description: 'A merge patch of one cell of section two; a null value makes it blank.',
    examples: [{ value: null }],
  },
);
export const RequestStatisticsRowInput = Type.Object(
  { row: Type.Optional(Type.String()), ...applicantCells },
  {
    $id: 'RequestStatisticsRowInput',
    description: 'The new content of one row of section three, all seven cells.',
    examples: [
      {
        natural_person: 258,
        business: 12,
        research: null,
        public_interest: null,
        legal_service: 1,
        other: 1,
        total: 272,
      },
    ],
  },
);
export const RequestStatisticsRowPatch = Type.Object(
  { row: Type.Optional(Type.String()), ...optional(applicantCells) },
  {
    $id: 'RequestStatisticsRowPatch',
    description: 'A merge patch of one row of section three; null makes a cell blank.',
    examples: [{ total: 272 }],
  },
);
export const ReviewLitigationCountsRowInput = Type.Object(
  { proceeding: Type.Optional(Type.String()), ...outcomeCells },
  {
    $id: 'ReviewLitigationCountsRowInput',
    description: 'The new content of one proceeding of section four, all five cells.',
    examples: [{ upheld: 5, corrected: 0, other: 0, pending: 2, total: 7 }],
  },
);
export const ReviewLitigationCountsRowPatch = Type.Object(
  { proceeding: Type.Optional(Type.String()), ...optional(outcomeCells) },
  {
    $id: 'ReviewLitigationCountsRowPatch',
    description: 'A merge patch of one proceeding; null makes a cell blank.',
    examples: [{ pending: 2, total: 7 }],
  },
);
