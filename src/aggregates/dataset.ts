import { columnLabels } from '../editions/column-labels.ts';
import type { Label } from '../editions/edition.ts';
import type { Dataset, DatasetKey, DatasetMetric, Labels, Row } from '../formats/format.ts';
import type { Language } from '../formats/labels.ts';
import { Problem } from '../http/problem.ts';
import { tableLabels } from '../rules/wording.ts';
import type { Aggregate } from './aggregate.ts';
import type { AggregateAnswer } from './answer.ts';
import { dimensions } from './dimensions.ts';

/** An aggregate's answer as a cube. */

/** Places of a cube, most of them empty, that readers still hold in memory as an array. */
const mostPlaces = 1_000_000;

const words = {
  source: {
    zh: '各行政机关政府信息公开工作年度报告',
    en: 'Annual reports of organs on open government information',
  },
  metric: { zh: '统计项', en: 'Metric' },
  blank: { zh: '空白（未填数字）', en: 'Blank: no number is given' },
  none: { zh: '无', en: 'None' },
} satisfies Record<string, Label>;

const roles: Readonly<Record<string, DatasetKey['role']>> = {
  year: 'time',
  province: 'geo',
  city: 'geo',
  county: 'geo',
};

/** Units of figures that are counts whatever the table; `value` is in 件 where rows do not name their unit. */
const units: Readonly<Record<string, { label: Label; decimals: number }>> = {
  value: { label: { zh: '件', en: 'cases' }, decimals: 0 },
  reports: { label: { zh: '份', en: 'reports' }, decimals: 0 },
  blank: { label: { zh: '格', en: 'cells' }, decimals: 0 },
  unit_unknown: { label: { zh: '格', en: 'cells' }, decimals: 0 },
};

function unitOf(aggregate: Aggregate, metric: string, language: Language): DatasetMetric['unit'] {
  if (metric === 'value' && aggregate.hasUnits) return { decimals: 4 };
  const unit = units[metric];
  return unit && { label: unit.label[language], decimals: unit.decimals };
}

/** What a row's key is called; several names where editions call one key differently. */
function categoriesOf(
  key: string,
  rows: readonly Row[],
  order: readonly string[] | undefined,
  nameOf: (row: Row) => string,
): DatasetKey['categories'] {
  const names = new Map<Row[string], Set<string>>();
  for (const row of rows) {
    const value = row[key] ?? null;
    const known = names.get(value) ?? new Set();
    names.set(value, known.add(nameOf(row)));
  }
  const place = (value: Row[string]) => (order ? order.indexOf(String(value)) : value!);
  return [...names]
    .sort(([a], [b]) => (a === null ? 1 : b === null ? -1 : place(a) < place(b) ? -1 : 1))
    .map(([value, labels]) => ({ value, label: [...labels].join(' / ') }));
}

/** `columns` are the members of each row. Problem `too-many-cells` (422) where the keys have so many combinations that nobody could open the cube. */
export function datasetOf(
  aggregate: Aggregate,
  columns: readonly string[],
  { data, data_as_of, ...extension }: AggregateAnswer,
  labels: Labels,
  language: Language,
): Dataset {
  const names = columns.filter((name) => name in dimensions || name in aggregate.keys || name === 'unit');
  const keys = names.map((key): DatasetKey => {
    const nameOf = (row: Row) =>
      row[key] === null
        ? words.none[language]
        : String(key === 'organ' ? row.organ_name : labels.cell(row, key));
    const order = aggregate.keys[key]?.values ?? dimensions[key]?.values;
    return {
      key,
      label: key === 'organ' ? columnLabels.organ_name![language] : labels.column(key),
      role: roles[key],
      categories: categoriesOf(key, data, order, nameOf),
    };
  });
  const metrics = columns
    .filter((column) => !names.includes(column) && column !== 'organ_name')
    .map((metric) => ({
      metric,
      label: labels.column(metric),
      unit: unitOf(aggregate, metric, language),
    }));
  const places = keys.reduce((product, { categories }) => product * categories.length, metrics.length);
  if (places > mostPlaces)
    throw new Problem('too-many-cells', {
      detail: `The cube would have ${places} places for ${data.length} rows; at most ${mostPlaces} are written. Filter more, group by less, or take the rows as CSV or NDJSON.`,
    });
  return {
    label: tableLabels[aggregate.table][language],
    source: words.source[language],
    updated: data_as_of,
    keys,
    metrics,
    words: { metric: words.metric[language], blank: words.blank[language] },
    rows: data,
    extension,
  };
}
