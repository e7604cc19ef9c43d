import type { Dataset, DatasetFormat, DatasetKey, Row } from './format.ts';
import { JsonStatDataset } from './jsonstat-schema.ts';

/** The category of rows whose key is null. */
const none = '_';

const codeOf = (value: Row[string]): string => (value === null ? none : String(value));

/** The dimension of the figures, which are members of each row and not keys. */
const metricDimension = 'metric';

const keyDimension = ({ label, categories }: DatasetKey) => ({
  label,
  category: {
    index: categories.map(({ value }) => codeOf(value)),
    label: Object.fromEntries(categories.map(({ value, label }) => [codeOf(value), label])),
  },
});

const metricsDimension = ({ metrics, metricLabel }: Dataset) => {
  const units = metrics.flatMap(({ metric, unit }) => (unit ? [[metric, unit]] : []));
  return {
    label: metricLabel,
    category: {
      index: metrics.map(({ metric }) => metric),
      label: Object.fromEntries(metrics.map(({ metric, label }) => [metric, label])),
      ...(units.length > 0 && { unit: Object.fromEntries(units) }),
    },
  };
};

/**
 * The figures by their place in the cube. Only places that have a row are given: rows are few among all
 * combinations. A figure that is null has a status that says why.
 */
function cells({ keys, metrics, rows }: Dataset) {
  const places = keys.map(
    ({ categories }) => new Map(categories.map(({ value }, place) => [codeOf(value), place])),
  );
  const value: Record<number, number | null> = {};
  const status: Record<number, string> = {};
  for (const row of rows) {
    const first = keys.reduce(
      (place, { key }, index) => place * places[index]!.size + places[index]!.get(codeOf(row[key] ?? null))!,
      0,
    );
    for (const [index, { metric, missing }] of metrics.entries()) {
      const place = first * metrics.length + index;
      const figure = row[metric] ?? null;
      value[place] = figure as number | null;
      if (figure === null) status[place] = missing(row);
    }
  }
  return { value, ...(Object.keys(status).length > 0 && { status }) };
}

function roles(keys: readonly DatasetKey[]) {
  const named = (role: DatasetKey['role']) => keys.filter((each) => each.role === role).map(({ key }) => key);
  const [time, geo] = [named('time'), named('geo')];
  return { ...(time.length > 0 && { time }), ...(geo.length > 0 && { geo }), metric: [metricDimension] };
}

/**
 * JSON-stat 2.0: every key is a dimension. One more dimension, the last, has the figures of a row as its
 * categories.
 */
export const jsonstat: DatasetFormat = {
  suffix: 'jsonstat',
  description:
    'A JSON-stat 2.0 dataset. Each key of the rows is a dimension; `metric` is the dimension of their figures. `value` has the places of the cells that the answer has; where a figure is null, `status` says why, and `extension.status` what that means. A key that is null has the category `_`.',
  schema: JsonStatDataset,
  write(dataset) {
    const { label, source, updated, keys, metrics, statuses, extension } = dataset;
    return {
      version: '2.0',
      class: 'dataset',
      label,
      source,
      updated,
      id: [...keys.map(({ key }) => key), metricDimension],
      size: [...keys.map(({ categories }) => categories.length), metrics.length],
      role: roles(keys),
      dimension: {
        ...Object.fromEntries(keys.map((key) => [key.key, keyDimension(key)])),
        [metricDimension]: metricsDimension(dataset),
      },
      ...cells(dataset),
      extension: { status: { label: statuses }, ...extension },
    };
  },
};
