import { table } from './table.ts';

/** One measure of a run and what is asked of it, however it was taken. */
export interface Line {
  measure: string;
  /** With its unit: the median, and the least and the most where it was taken several times. */
  value: string;
  /** To what it is compared with. */
  ratio?: string;
  target?: string;
  /** Absent where nothing is asked. */
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

/** Most resident memory of the service, megabytes, whatever it does. */
const mostMemory = 200;

export const memoryLine = (during: string, peak: number): Line => ({
  measure: `largest resident memory of the service, ${during}`,
  value: `${peak.toFixed(0)} MB`,
  target: `≤ ${mostMemory} MB`,
  met: peak <= mostMemory,
});
