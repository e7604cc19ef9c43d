import { targets, type WritingMeasurement } from '../writing.ts';
import { type Line, memoryLine } from './line.ts';
import { shown } from './writing-statistics.ts';

export const writingLines = ({
  batch,
  copy,
  batchToCopy,
  publish,
  publish32To8,
}: WritingMeasurement): Line[] => [
  {
    measure: 'loading a batch over HTTP',
    value: `${shown(batch.rate)} reports/s, COPY of the same rows ${shown(copy.rate)}`,
    ratio: shown(batchToCopy, 2),
    target: `≥ ${targets.batchToCopy}`,
    met: batchToCopy.median >= targets.batchToCopy,
  },
  memoryLine('loading', batch.peakMegabytes),
  ...publish.map(({ writers, rate, p50, p99 }): Line => {
    const line = {
      measure: `publishing, ${writers} ${writers === 1 ? 'writer' : 'writers'}`,
      value: `${shown(rate)} reports/s; p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms`,
    };
    if (writers !== 32) return line;
    const met = publish32To8.median >= targets.publish32To8;
    return {
      ...line,
      ratio: `${shown(publish32To8, 2)} of 8 writers`,
      target: `≥ ${targets.publish32To8}`,
      met,
    };
  }),
];
