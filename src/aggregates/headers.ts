import { Type } from 'typebox';
import type { Warning } from './warnings.ts';

/** What a file of rows has no place for. */

export const warningsHeader = {
  'x-warnings': Type.String({
    description:
      'Codes of the warnings that the answer in JSON has, separated by commas, as `AggregateWarning` explains them; absent where it has none.',
  }),
};

export function inWarningsHeader(warnings: readonly Warning[]): Record<string, string> {
  const codes = [...new Set(warnings.map(({ code }) => code))];
  return codes.length === 0 ? {} : { 'x-warnings': codes.join(',') };
}
