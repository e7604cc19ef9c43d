import type { Reading } from '../reading.ts';
import { ratios } from './comparison.ts';
import { type Line, memoryLine } from './line.ts';
import { median, spread } from './table.ts';

export const readingLines = ({ compared, peak }: Reading): Line[] => [
  ...compared.map((each): Line => {
    const rates = each.service.map(({ rate }) => rate);
    const bare = each.bare.map(({ rate }) => rate);
    return {
      measure: `reading ${each.name}`,
      value: `${spread(rates)} req/s, minimal server ${spread(bare)}`,
      ratio: spread(ratios(each), 2),
      target: `≥ ${each.target}`,
      met: median(ratios(each)) >= each.target,
    };
  }),
  memoryLine('reading', peak),
];
