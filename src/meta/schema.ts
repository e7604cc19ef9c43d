import { Type } from 'typebox';
import type { Label } from '../editions/edition.ts';
import { keys, nullable, ref } from '../http/schema-parts.ts';

const label = ref<Label>('Label');
const strings = (description: string) => Type.Array(Type.String(), { description });
const list = (id: string, description: string) => Type.Array(Type.Ref(id), { description });

const code = {
  code: 'refused_third_party',
  label: { zh: '4.保护第三方合法权益', en: 'Lawful rights of a third party' },
  parent: 'refused',
};

const MetaCode = Type.Object(
  {
    code: Type.String({ description: 'Permanent.' }),
    label,
    parent: nullable<string>('string', {
      description: 'The code of the coarser key that it belongs to; null where there is none.',
    }),
  },
  { $id: 'MetaCode', description: 'A code of a dimension.', examples: [code] },
);

const dimension = {
  key: 'row',
  label: { zh: '项目', en: 'Row' },
  asked_of: ['request-statistics'],
  divides_organs: false,
  codes: [code],
};

const MetaDimension = Type.Object(
  {
    key: Type.String({ description: 'What `group_by` takes.' }),
    label,
    asked_of: strings('Aggregates that can be grouped by it.'),
    divides_organs: Type.Boolean({
      description:
        'Whether it divides organs: each of its groups is covered by itself then, and groups may overlap.',
    }),
    codes: Type.Unsafe<unknown[] | null>({
      type: ['array', 'null'],
      items: Type.Ref('MetaCode'),
      description:
        'In the order of answers; null where there is no fixed list: years, months, organs, and places, which are in /v1/divisions.',
    }),
  },
  { $id: 'MetaDimension', description: 'A key to divide figures by.', examples: [dimension] },
);

const hierarchy = {
  name: 'group',
  label: { zh: '办理结果类别', en: 'Group of results' },
  levels: ['group', 'row'],
};

const MetaHierarchy = Type.Object(
  { name: Type.String({ description: 'Its name.' }), label, levels: strings('Keys, the coarsest first.') },
  { $id: 'MetaHierarchy', description: 'Keys of which each divides the one before.', examples: [hierarchy] },
);

const measure = {
  of: 'request-statistics',
  name: 'granted',
  label: { zh: '（一）予以公开', en: 'Granted' },
  keys: { row: 'granted' },
  unit: '件',
  adds_up_with: 'result',
  nature: 'flow',
  adds_over_years: true,
  editions: ['2019', '2021'],
  comparable: true,
};

const MetaMeasure = Type.Object(
  {
    of: Type.String({ description: 'The aggregate that adds it up.' }),
    name: Type.String({ description: 'Its address within the table, without the column.' }),
    label,
    keys: Type.Unsafe<Record<string, string>>({
      type: 'object',
      description: 'The filters that choose it.',
      additionalProperties: { type: 'string' },
    }),
    unit: Type.String({ description: 'Unit of its sums: 件, 项, 元 or 万元.' }),
    adds_up_with: Type.String({
      description:
        'Measures of one aggregate with the same name here may be added to each other, others never.',
    }),
    nature: keys(['flow', 'stock'], {
      description: 'A flow happens in a year; a stock stands, or is pending, at a moment.',
    }),
    adds_over_years: Type.Boolean({ description: 'Whether it may be added over years.' }),
    editions: strings('Editions of the form that print it.'),
    comparable: Type.Boolean({ description: 'Whether every edition prints it.' }),
  },
  { $id: 'MetaMeasure', description: 'Something that is counted.', examples: [measure] },
);

const operation = {
  of: 'request-statistics',
  summary: 'Sums of section three: requests received and handled',
  group_by: ['year', 'row'],
  filters: ['basis', 'year', 'row'],
  compute: ['share', 'change', 'rank'],
  formats: ['json', 'csv', 'ndjson', 'jsonstat'],
};

const MetaOperation = Type.Object(
  {
    of: Type.String({ description: 'Last segment of its path below /v1/aggregates/.' }),
    summary: Type.String({ description: 'What it answers.' }),
    group_by: strings('Keys it can be grouped by.'),
    filters: strings('Query members that choose reports and cells.'),
    compute: strings('What it can compute.'),
    formats: strings('Formats; each but `json` is the suffix of a path.'),
  },
  { $id: 'MetaOperation', description: 'An aggregate.', examples: [operation] },
);

const MetaLimits = Type.Object(
  {
    cells: Type.Integer({ description: 'Most rows of an answer.' }),
    top: Type.Integer({ description: 'Most rows that `top` takes.' }),
  },
  { $id: 'MetaLimits', description: 'Limits of aggregates.', examples: [{ cells: 100_000, top: 10_000 }] },
);

const Meta = Type.Object(
  {
    dimensions: list('MetaDimension', 'Everything figures can be divided by.'),
    hierarchies: list('MetaHierarchy', 'Which keys divide which.'),
    measures: list('MetaMeasure', 'Everything that is counted, in printed order.'),
    operations: list('MetaOperation', 'The aggregates.'),
    limits: Type.Ref('MetaLimits'),
  },
  {
    $id: 'Meta',
    description: 'What can be asked of the figures, and what may be added to what.',
    examples: [
      {
        dimensions: [dimension],
        hierarchies: [hierarchy],
        measures: [measure],
        operations: [operation],
        limits: { cells: 100_000, top: 10_000 },
      },
    ],
  },
);

const available = {
  key: 'level',
  label: { zh: '级别', en: 'Level' },
  codes: [{ code: 'city', label: { zh: '地市级', en: 'City' }, reports: 12 }],
};

const AvailableCode = Type.Object(
  {
    code: nullable<string>('string', {
      description:
        'Null for reports that have none, such as those of a province’s own organs, which are in no city.',
    }),
    label: Type.Unsafe<Label | null>({
      anyOf: [Type.Ref('Label'), { type: 'null' }],
      description: 'What it is called; null where a code says it all, as a year does.',
    }),
    reports: Type.Integer({
      description: 'The most reports that are added up in one figure of it; of counts, their number.',
    }),
  },
  { $id: 'AvailableCode', description: 'A code that has data.', examples: [available.codes[0]] },
);

const AvailableDimension = Type.Object(
  {
    key: Type.String({
      description: 'A key of `group_by` or, of sums, `scope`, by which they are only filtered.',
    }),
    label,
    codes: list('AvailableCode', 'In the order of answers.'),
  },
  { $id: 'AvailableDimension', description: 'What a key can still be narrowed to.', examples: [available] },
);

const Availability = Type.Object(
  {
    of: Type.String({ description: 'The aggregate.' }),
    reports: Type.Integer({
      description: 'Reports that an answer would be made of or, of counts, would count.',
    }),
    dimensions: list('AvailableDimension', 'Each key with the codes that have data.'),
    warnings: list(
      'AggregateWarning',
      '`unknown-code`: filters by places or organs that there are none of; `code-without-data`: codes of filters that nothing is found of.',
    ),
    data_as_of: Type.String({ format: 'date-time', description: 'The moment that the answer is of.' }),
  },
  {
    $id: 'Availability',
    description: 'What an answer would find.',
    examples: [
      {
        of: 'request-statistics',
        reports: 12,
        dimensions: [available],
        warnings: [],
        data_as_of: '2024-04-01T08:00:00.000Z',
      },
    ],
  },
);

/** Components, each after those it refers to. */
export const components = [
  MetaCode,
  MetaDimension,
  MetaHierarchy,
  MetaMeasure,
  MetaOperation,
  MetaLimits,
  Meta,
  AvailableCode,
  AvailableDimension,
  Availability,
];
