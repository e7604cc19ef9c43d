import { type Static, Type } from 'typebox';
import type {
  CellNote as CellNoteValue,
  DisclosureItemValue,
  RequestStatisticsRow as RequestStatisticsRowValue,
  ReviewLitigationCountsRow as ReviewLitigationCountsRowValue,
} from '../editions/figures.ts';
import { nullable, ref } from '../http/schema-parts.ts';
import { optional } from './figure-schemas.ts';
import { editionKey, organ_id, type ReportEditions, scope, year } from './schema-parts.ts';

/** The report document on the wire: what is filed, validated and imported. */

const narrative = (what: string) =>
  nullable<string>('string', { maxLength: 500_000, description: `${what}; null where the report has none.` });

/** The texts of a report. */
export const text = {
  title: nullable<string>('string', { maxLength: 500, description: 'The title as printed.' }),
  published_on: nullable<string>('string', {
    format: 'date',
    description: 'The day the organ published it (Asia/Shanghai).',
  }),
  source_url: nullable<string>('string', {
    format: 'uri',
    pattern: '^https?://',
    maxLength: 2000,
    description: 'The `http` or `https` address where it was published.',
  }),
  overview: narrative('Section one, 总体情况'),
  problems: narrative('Section five, 存在的主要问题及改进情况'),
  other_matters: narrative('Section six, 其他需要报告的事项'),
};
/** The tables of a report. */
export const tables = {
  disclosure_items: Type.Array(ref<DisclosureItemValue>('DisclosureItemCell'), {
    maxItems: 40,
    description: 'Section two: the captured cells.',
  }),
  request_statistics: Type.Array(ref<RequestStatisticsRowValue>('RequestStatisticsRow'), {
    maxItems: 40,
    description: 'Section three: the captured rows.',
  }),
  review_litigation_counts: Type.Array(ref<ReviewLitigationCountsRowValue>('ReviewLitigationCountsRow'), {
    maxItems: 10,
    description: 'Section four: the captured proceedings.',
  }),
  cell_notes: Type.Array(ref<CellNoteValue>('CellNote'), {
    maxItems: 300,
    description: 'What was printed beside plain numbers.',
  }),
};
const editions = Type.Optional(ref<ReportEditions>('ReportEditions'));
const content = { editions, ...optional(text), ...optional(tables) };

export const exampleDocument = {
  organ_id: '01938c5e-7b1a-7c3e-9a51-2f1de0a4c001',
  year: 2023,
  scope: 'consolidated',
  title: '宿迁市2023年政府信息公开工作年度报告',
  published_on: '2024-01-31',
  editions: { disclosure_items: '2021', request_statistics: '2021' },
  disclosure_items: [{ item: 'regulations', measure: 'issued', value: 3, unit: '件' }],
  request_statistics: [
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
  review_litigation_counts: [
    { proceeding: 'review', upheld: 5, corrected: null, other: null, pending: 2, total: 7 },
  ],
};

export const NewReport = Type.Object(
  { organ_id, year, scope, ...content },
  {
    $id: 'NewReport',
    description:
      'A report to file. What is left out is not captured; a blank cell is null, never 0 and never left out.',
    examples: [exampleDocument],
  },
);
export type NewReport = Static<typeof NewReport>;

export const ReportDocument = Type.Object(
  {
    organ_id: Type.Optional(
      nullable<string>('string', {
        format: 'uuid',
        description: 'The organ that reports; rules that need it are not evaluated without it.',
      }),
    ),
    year,
    scope,
    ...content,
  },
  {
    $id: 'ReportDocument',
    description: 'A whole report, as it is filed or as it was imported.',
    examples: [exampleDocument],
  },
);
export type ReportDocument = Static<typeof ReportDocument>;

export const DraftDocument = Type.Object(
  { organ_id: Type.Optional(organ_id), year: Type.Optional(year), scope: Type.Optional(scope), ...content },
  {
    $id: 'DraftDocument',
    description:
      'The content of a draft. `organ_id`, `year` and `scope` may be given but cannot change; without `editions` the draft keeps its own.',
    examples: [exampleDocument],
  },
);
export type DraftDocument = Static<typeof DraftDocument>;

export const DraftPatch = Type.Object(
  {
    organ_id: Type.Optional(organ_id),
    year: Type.Optional(year),
    scope: Type.Optional(scope),
    editions: Type.Optional(
      Type.Object({
        disclosure_items: Type.Optional(editionKey('section two')),
        request_statistics: Type.Optional(editionKey('section three')),
      }),
    ),
    ...optional(text),
    ...optional(tables),
  },
  {
    $id: 'DraftPatch',
    description:
      'A JSON merge patch (RFC 7396) of a draft: members left out stay, null empties a text, a table given replaces the whole table.',
    examples: [{ published_on: '2024-01-31', source_url: 'https://www.suqian.gov.cn/' }],
  },
);
export type DraftPatch = Static<typeof DraftPatch>;
