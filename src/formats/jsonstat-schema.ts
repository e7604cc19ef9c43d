import { Type } from 'typebox';
import { nullable } from '../http/schema-parts.ts';

const texts = (description: string) => Type.Array(Type.String(), { description });
const textsByCode = (description: string) => Type.Record(Type.String(), Type.String(), { description });

const Dimension = Type.Object({
  label: Type.String(),
  category: Type.Object({
    index: texts('Codes of the categories, in order.'),
    label: textsByCode('What each is called.'),
    unit: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object({
          label: Type.Optional(Type.String()),
          decimals: Type.Integer({ minimum: 0, maximum: 4 }),
        }),
        { description: 'Of the metrics.' },
      ),
    ),
  }),
});

const Extension = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  additionalProperties: true,
  description: 'What the answer says besides its cells, and what each status means.',
});

const category = (index: string[], labels: string[]) => ({
  index,
  label: Object.fromEntries(index.map((code, place) => [code, labels[place]!])),
});

/** Codes, places and statuses are names of members here, so these names differ from answer to answer. */
export const JsonStatDataset = Type.Object(
  {
    version: Type.Literal('2.0'),
    class: Type.Literal('dataset'),
    label: Type.String(),
    source: Type.String(),
    updated: Type.String({ format: 'date-time', description: 'Whatever was published before it is in it.' }),
    id: texts('The dimensions; cells are ordered by them, the last changing fastest.'),
    size: Type.Array(Type.Integer(), { description: 'How many categories each has.' }),
    role: Type.Object({
      time: Type.Optional(texts('Dimensions of time.')),
      geo: Type.Optional(texts('Dimensions of place.')),
      metric: texts('The dimension of the figures.'),
    }),
    dimension: Type.Record(Type.String(), Dimension),
    value: Type.Record(Type.String(), nullable<number>('number'), {
      description: 'Figures by place in the cube; a place without one has no row in the answer.',
    }),
    status: Type.Optional(
      textsByCode(
        'By place, why a figure is null: `blank` where no cell holds a number, `unit-unknown` where those that do name no unit, `none` where nothing could be computed, or the reason that an indicator has no value. `extension.status` has them all.',
      ),
    ),
    extension: Extension,
  },
  {
    $id: 'JsonStatDataset',
    description: 'A JSON-stat 2.0 dataset (json-stat.org).',
    examples: [
      {
        version: '2.0',
        class: 'dataset',
        label: '三、收到和处理政府信息公开申请情况',
        source: '政府信息公开工作年度报告',
        updated: '2024-04-01T08:00:00.000Z',
        id: ['year', 'metric'],
        size: [1, 3],
        role: { time: ['year'], metric: ['metric'] },
        dimension: {
          year: { label: '报告年度', category: category(['2023'], ['2023']) },
          metric: {
            label: '统计项',
            category: category(['value', 'reports', 'blank'], ['数值', '报告数', '空白格数']),
          },
        },
        value: { 0: 5548, 1: 12, 2: 3 },
        extension: {
          basis: 'auto',
          coverage: { reports: 12, organs_expected: 18, organs_covered: 4, organs_missing: 2 },
        },
      },
    ],
  },
);
