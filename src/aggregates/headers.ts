import { Type } from 'typebox';
import { keys } from '../http/schema-parts.ts';
import { bases } from './queries.ts';
import type { Answer } from './source.ts';
import type { Warning } from './warnings.ts';

/** The warnings as a header, because a file of rows has no place for them. */

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

export const answerHeaders = {
  ...warningsHeader,
  'x-coverage': Type.String({
    description:
      'The `coverage` of the answer in JSON as a dictionary of RFC 9651, such as `reports=150, organs_expected=170, organs_covered=12, organs_missing=8`; absent where reports are counted.',
  }),
  'x-basis': keys(bases, {
    description: 'The `basis` of the answer in JSON; absent where reports are counted.',
  }),
};

export const inHeaders = ({ warnings, coverage, basis }: Answer): Record<string, string> => ({
  ...inWarningsHeader(warnings),
  ...(coverage && {
    'x-coverage': Object.entries(coverage)
      .map(([member, count]) => `${member}=${count}`)
      .join(', '),
  }),
  ...(basis && { 'x-basis': basis }),
});
