import { table } from './table.ts';

/** One measure of a run with its target, if there is one. */
export interface Line {
  measure: string;
  /** With its unit: the median, and also the least and the most where it was taken several times. */
  value: string;
  /** The ratio to what it is compared with. */
  ratio?: string;
  target?: string;
  /** Whether the target is met; absent where there is none. */
  met?: boolean;
}

const verdict = (met: boolean | undefined): string => (met === undefined ? '' : met ? 'yes' : 'NO');

/** Lines as one Markdown table. */
export const linesTable = (lines: readonly Line[]): string =>
  table(
    ['measure', 'value: median (least–most)', 'ratio', 'target', 'met'],
    lines.map(({ measure, value, ratio = '', target = '', met }) => [
      measure,
      value,
      ratio,
      target,
      verdict(met),
    ]),
  );

/** The most resident memory that the service may use, whatever it does, in megabytes. */
const mostMemory = 200;

export const memoryLine = (during: string, peak: number): Line => ({
  measure: `largest resident memory of the service, ${during}`,
  value: `${peak.toFixed(0)} MB`,
  target: `≤ ${mostMemory} MB`,
  met: peak <= mostMemory,
});
