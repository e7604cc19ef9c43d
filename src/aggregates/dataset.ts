import type { Label } from '../editions/edition.ts';
import type { Dataset, DatasetKey, DatasetMetric, Labels, Row } from '../formats/format.ts';
import type { Language } from '../formats/labels.ts';
import { refuseFor } from './refusal.ts';
import { byPlace } from './sort.ts';

/** Makes a cube of an answer in rows. */

/** What the answer is about. */
interface DatasetSource {
  label: Label;
  /** The members of each row in order: the keys of `group_by` and the figures. */
  columns: readonly string[];
  groupBy: readonly string[];
  /** The order of a key's values, where it is not their natural one. */
  places(key: string): readonly string[] | undefined;
  /** The unit of `value` and its decimals, where rows do not name their own unit. */
  unit: Label;
  decimals: number;
  /** All reasons for which `value` may be null, by code; undefined where rows have no `reason`. */
  reasons?: ReadonlyMap<string, Label> | undefined;
}

/** The most places of a cube, most of them empty, that readers can still hold in memory as an array. */
const mostPlaces = 1_000_000;

const words = {
  source: {
    zh: '各行政机关政府信息公开工作年度报告',
    en: 'Annual reports of organs on open government information',
  },
  metric: { zh: '统计项', en: 'Metric' },
  blank: { zh: '空白（未填数字）', en: 'Blank: no number is given' },
  missing: { zh: '无法计算', en: 'Cannot be computed' },
  unitUnknown: { zh: '填有金额，但未注明单位', en: 'Amounts are given, but no unit' },
  none: { zh: '无', en: 'None' },
} satisfies Record<string, Label>;

const roles: Readonly<Record<string, DatasetKey['role']>> = {
  year: 'time',
  published_month: 'time',
  province: 'geo',
  city: 'geo',
  county: 'geo',
};

const cells: Label = { zh: '格', en: 'cells' };

/** The units of figures that count the same thing in every answer. */
const units: Readonly<Record<string, Label>> = {
  reports: { zh: '份', en: 'reports' },
  numerator_reports: { zh: '份', en: 'reports' },
  common_reports: { zh: '份', en: 'reports' },
  blank: cells,
  unit_unknown: cells,
  numerator: { zh: '件', en: 'cases' },
  denominator: { zh: '件', en: 'cases' },
  numerator_blank: cells,
  denominator_blank: cells,
};

/** The code of the reason why a figure is null. */
function missingIn(row: Row, metric: string, hasReasons: boolean): string {
  if (metric === 'value' && hasReasons) return String(row.reason);
  if (metric === 'value') return Number(row.unit_unknown ?? 0) > 0 ? 'unit-unknown' : 'blank';
  if (metric !== 'numerator' && metric !== 'denominator') return 'none';
  if (row.reason === 'no-common-report') return row.reason;
  return row[metric === 'numerator' ? 'numerator_reports' : 'reports'] === 0 ? `${metric}-absent` : 'blank';
}

function unitOf(
  { columns, unit, decimals }: DatasetSource,
  metric: string,
  language: Language,
): DatasetMetric['unit'] {
  if (metric === 'value' && columns.includes('unit')) return { decimals: 4 };
  if (metric === 'value') return { label: unit[language], decimals };
  const label = units[metric];
  return label && { label: label[language], decimals: 0 };
}

/** The values of a key in order, with their names. Where editions use different names for a value, all are given. */
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
  const compare = byPlace(order);
  return [...names]
    .sort(([a], [b]) => compare(a, b))
    .map(([value, labels]) => ({ value, label: [...labels].join(' / ') }));
}

/**
 * Makes the cube. Problem `too-many-cells` (422) where the keys have so many combinations that nobody could
 * open it.
 */
export function datasetOf(
  source: DatasetSource,
  { data, data_as_of, ...extension }: { data: readonly Row[]; data_as_of: string; [member: string]: unknown },
  labels: Labels,
  language: Language,
): Dataset {
  const { columns, groupBy, reasons } = source;
  const names = [...groupBy, ...columns.filter((column) => column === 'unit')];
  const keys = names.map((key): DatasetKey => {
    const nameOf = (row: Row) =>
      row[key] === null
        ? words.none[language]
        : String(key === 'organ' ? row.organ_name : labels.cell(row, key));
    return {
      key,
      label: labels.column(key),
      role: roles[key],
      categories: categoriesOf(key, data, source.places(key), nameOf),
    };
  });
  const metrics = columns
    .filter((column) => !names.includes(column) && column !== 'organ_name' && column !== 'reason')
    .map((metric) => ({
      metric,
      label: labels.column(metric),
      unit: unitOf(source, metric, language),
      missing: (row: Row) => missingIn(row, metric, reasons !== undefined),
    }));
  const places = keys.reduce((product, { categories }) => product * categories.length, metrics.length);
  if (places > mostPlaces)
    refuseFor([
      {
        code: 'too-many-cells',
        members: ['group_by'],
        reason: `The cube would have ${places} places for ${data.length} rows; at most ${mostPlaces} are written`,
        advice: 'Filter more, group by less, or take the rows as CSV or NDJSON.',
      },
    ]);
  return {
    label: source.label[language],
    source: words.source[language],
    updated: data_as_of,
    keys,
    metrics,
    metricLabel: words.metric[language],
    statuses: {
      blank: words.blank[language],
      none: words.missing[language],
      ...(columns.includes('unit_unknown') && { 'unit-unknown': words.unitUnknown[language] }),
      ...Object.fromEntries([...(reasons ?? [])].map(([reason, label]) => [reason, label[language]])),
    },
    rows: data,
    extension,
  };
}
