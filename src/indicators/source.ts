import { computedMembers } from '../aggregates/computations.ts';
import { dimensions } from '../aggregates/dimensions.ts';
import type { Source } from '../aggregates/source.ts';
import { byKey } from '../editions/cell-labels.ts';
import { answerIndicator, reasons, shapeOf } from './answer.ts';
import { indicators } from './definitions.ts';
import type { Indicator } from './indicator.ts';
import { IndicatorAnswerSchema, IndicatorCell, indicatorQuery } from './schema.ts';

const summary = 'An indicator over published reports';
const description =
  'For each group the sum of the numerator over the sum of the denominator, never a mean of quotients. Both sides are over the same reports, which `basis` and the filters choose as for aggregates, and figures are added under the same rules: 422 `not-additive` where a side would be no sum, as of what is pending over several years. Each side passes over its blanks, which `numerator_blank` and `denominator_blank` count; the warning `sides-incomplete` says where cells are blank or were not captured. With `both_sides=true` a report that has no number on one side counts on neither.';

const keys = Object.keys(dimensions);

const sourceOf = (indicator: Indicator): Source => ({
  path: indicator.code,
  name: 'Indicator',
  summary,
  description,
  label: indicator.label,
  unit: indicator.unit,
  decimals: 4,
  reasons: byKey('reason', reasons),
  places: (key) => dimensions[key]?.values,
  keys,
  query: indicatorQuery,
  schemas: [IndicatorCell, IndicatorAnswerSchema],
  asCaller: false,
  columns: ({ group_by, compute = [] }) => [
    ...shapeOf([...new Set(group_by)]).columns,
    ...computedMembers(compute),
  ],
  answer: (db, query, _principal, kept) => answerIndicator(db, indicator, query, kept),
});

/** Each indicator as something that can be asked for, by its code. */
export const indicatorSources: readonly Source[] = indicators.map(sourceOf);
