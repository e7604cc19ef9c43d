import { type TProperties, Type } from 'typebox';
import { dimensions } from '../aggregates/dimensions.ts';
import { refinementQuery } from '../aggregates/refine.ts';
import {
  answerMembers,
  basisQuery,
  computedSchema,
  dimensionMembers,
  exampleMembers,
  groupByQuery,
} from '../aggregates/schema.ts';
import { yearQuery } from '../aggregates/years.ts';
import { labelled } from '../editions/schema.ts';
import { nullable, ref } from '../http/schema-parts.ts';
import { reportQuery } from '../reports/filters.ts';
import { computes, reasons } from './answer.ts';
import type { Indicator, Term } from './indicator.ts';

const term = ({ of, cells }: Term) => ({ of: of.path, filters: cells });

/** A definition as the service answers it. */
export const indicatorDocument = (indicator: Indicator) => ({
  ...indicator,
  numerator: indicator.numerator.map(term),
  denominator: indicator.denominator.map(term),
});

const exampleTerm = { of: 'request-statistics', filters: { row: ['handled_total'] } };

const IndicatorTerm = Type.Object(
  {
    of: Type.String({ description: 'Last segment of the path of the aggregate.' }),
    filters: Type.Unsafe<Record<string, string[]>>({
      type: 'object',
      description: 'Query members of that aggregate which choose the cells.',
      additionalProperties: { type: 'array', items: { type: 'string' } },
    }),
  },
  {
    $id: 'IndicatorTerm',
    description: 'Cells that are added up: what the aggregate answers to these filters.',
    examples: [exampleTerm],
  },
);

const terms = (description: string) =>
  Type.Array(ref<ReturnType<typeof term>>('IndicatorTerm'), { description });

const exampleIndicator = {
  code: 'disclosure_rate',
  label: { zh: '公开率', en: 'Disclosure rate' },
  definition: {
    zh: '予以公开与部分公开之和，占本年度办理结果总计的比例',
    en: 'Requests granted or partly granted, of all handled in the year',
  },
  numerator: [{ of: 'request-statistics', filters: { row: ['granted', 'partly_granted'] } }],
  denominator: [exampleTerm],
  scale: 1,
  unit: { zh: '比率', en: 'ratio, 0 to 1' },
  legal_source: '《中华人民共和国政府信息公开条例》（国务院令第711号）第三十六条、第三十七条、第五十条',
};

const IndicatorSchema = Type.Object(
  {
    code: Type.String({ description: 'Permanent.' }),
    label: labelled('What it is called.'),
    definition: labelled('What is divided by what.'),
    numerator: terms('What is divided: the sum of these.'),
    denominator: terms('What it is divided by: the sum of these.'),
    scale: Type.Integer({ description: 'The quotient is multiplied by it.' }),
    unit: labelled('Of `value`.'),
    legal_source: Type.String({ description: 'The articles that say what is counted.' }),
  },
  { $id: 'Indicator', description: 'A quotient of two sums of the form.', examples: [exampleIndicator] },
);

const IndicatorList = Type.Object(
  {
    items: Type.Array(Type.Ref('Indicator')),
    next_cursor: Type.Unsafe<null>({ type: ['string', 'null'], description: 'Null: all are here.' }),
  },
  {
    $id: 'IndicatorList',
    description: 'All indicators.',
    examples: [{ items: [exampleIndicator], next_cursor: null }],
  },
);

/** Query members of an indicator. */
export const indicatorQuery: TProperties = {
  group_by: groupByQuery(Object.keys(dimensions), ['year', 'province']),
  basis: basisQuery,
  ...reportQuery,
  year: yearQuery,
  both_sides: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Only reports that have a number on both sides; `common_reports` says how many.',
    }),
  ),
  ...refinementQuery(computes),
};

const exampleRow = {
  year: 2023,
  numerator: 1320,
  denominator: 5430,
  value: 0.2430939226519337,
  reason: null,
  reports: 12,
  numerator_reports: 12,
  numerator_blank: 0,
  denominator_blank: 0,
};

const IndicatorCell = Type.Object(
  {
    ...dimensionMembers,
    numerator: nullable<number>('number', {
      description:
        'Its sum over the reports that have a number there, with `both_sides` on both sides; null where none has.',
    }),
    denominator: nullable<number>('number', {
      description: 'Its sum, in the same way; null where there is none.',
    }),
    value: nullable<number>('number', {
      description: '`numerator` times the scale / `denominator`; not rounded. Null with a reason.',
    }),
    reason: nullable<string>('string', {
      description: `Why there is no value: ${reasons.map(({ reason }) => `\`${reason}\``).join(', ')}; null where there is one.`,
    }),
    reports: Type.Integer({ description: 'Reports that have any cell of the denominator, blank or not.' }),
    numerator_reports: Type.Integer({
      description:
        'Those that have any of the numerator: where fewer or more, the sides are not of the same reports.',
    }),
    common_reports: Type.Optional(
      Type.Integer({
        description: 'With `both_sides`, the reports that count: those with a number on both sides.',
      }),
    ),
    numerator_blank: Type.Integer({ description: 'Blank cells of the numerator.' }),
    denominator_blank: Type.Integer({ description: 'Blank cells of the denominator.' }),
    ...computedSchema(computes),
  },
  {
    $id: 'IndicatorCell',
    description: 'One quotient. It has the members it is grouped by, and no others of these keys.',
    examples: [exampleRow],
  },
);

const IndicatorAnswerSchema = Type.Object(
  {
    indicator: Type.String({ description: 'Its code.' }),
    data: Type.Array(ref<Record<string, unknown>>('IndicatorCell')),
    ...answerMembers,
  },
  {
    $id: 'IndicatorAnswer',
    description: 'An indicator over published reports.',
    examples: [{ indicator: 'disclosure_rate', data: [exampleRow], ...exampleMembers }],
  },
);

/** Components, each after those it refers to. */
export const components = [
  IndicatorTerm,
  IndicatorSchema,
  IndicatorList,
  IndicatorCell,
  IndicatorAnswerSchema,
];
