import { dimensions } from '../aggregates/dimensions.ts';
import type { Source } from '../aggregates/source.ts';
import { byKey } from '../editions/cell-labels.ts';
import { answerIndicator, reasons, shapeOf } from './answer.ts';
import { indicators } from './definitions.ts';
import type { Indicator } from './indicator.ts';
import { indicatorQuery } from './schema.ts';

/** How every indicator is asked. */
export const asking = { keys: Object.keys(dimensions), query: indicatorQuery, shape: shapeOf };

const sourceOf = (indicator: Indicator): Source => ({
  path: indicator.code,
  label: indicator.label,
  unit: indicator.unit,
  decimals: 4,
  reasons: byKey('reason', reasons),
  asCaller: () => false,
  ...asking,
  answer: (db, query, _principal, kept) => answerIndicator(db, indicator, query, kept),
});

/** Each indicator as something that can be asked for, by its code. */
export const indicatorSources: readonly Source[] = indicators.map(sourceOf);
