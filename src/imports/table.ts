import type { Label, Measure, Unit } from '../editions/edition.ts';
import type { CellNote } from '../editions/figures.ts';
import type { FindingCell } from '../rules/rule.ts';
import { unreadableMark } from './characters.ts';
import type { ImportFindings } from './findings.ts';
import type { Line } from './lines.ts';
import { readValue } from './values.ts';

/** What the readers of the three tables share. They get lines that are cut into cells, so they serve every layout. */

interface Found {
  value: number | null;
  unit: Unit | null;
}

/** A cell of the form that a printed cell is read as. */
export interface Target {
  cell: string;
  label: Label;
  measure: Measure;
}

/**
 * Reads printed cells as cells of the form. A cell that is no value is an error that quotes its line; then
 * nothing of the line counts, and undefined is returned. The text of a cell that is more than a plain number
 * goes to `notes`.
 */
export function readCells(
  line: Line,
  targets: readonly (Target & { printed: string })[],
  notes: CellNote[],
  findings: ImportFindings,
): Found[] | undefined {
  const found: Found[] = [];
  const raws: CellNote[] = [];
  let readable = true;
  for (const { cell, label, measure, printed } of targets) {
    const read = readValue(printed, measure);
    if (read.kind === 'unreadable') {
      readable = false;
      const quote = printed.slice(0, 60).replaceAll(unreadableMark, '').toWellFormed();
      findings.error(
        'import.unreadable_cell',
        {
          zh: `“${label.zh}”的“${quote}”无法读作数值：${read.zh}；应为数字，或空白、“/”、“-”`,
          en: `"${quote}" at "${label.en}" cannot be read: ${read.en}; a number is right, or nothing, / or -`,
        },
        { line, cells: [{ cell, label, value: null }] },
      );
      continue;
    }
    found.push({ value: read.value, unit: read.unit });
    if (read.raw !== null) raws.push({ cell, raw: read.raw, note: null });
  }
  if (!readable) return undefined;
  notes.push(...raws);
  return found;
}

export const cellsOf = (targets: readonly Target[], found?: readonly Found[]): FindingCell[] =>
  targets.map(({ cell, label }, index) => ({ cell, label, value: found?.[index]?.value ?? null }));

/** Adds the error for a line that belongs to a table and cannot be read as one of its rows. */
export function unreadableRow(
  findings: ImportFindings,
  line: Line,
  why: Label,
  targets: readonly Target[] = [],
): void {
  findings.error('import.unreadable_row', why, { line, cells: cellsOf(targets) });
}

/** Adds the error for a second line of one row: nobody can say which of the two is meant. */
export function duplicateRow(findings: ImportFindings, line: Line, label: Label, earlier: Line): void {
  findings.error(
    'import.duplicate_row',
    {
      zh: `“${label.zh}”已见于第${earlier.number}行，只应有一行`,
      en: `"${label.en}" is already at line ${earlier.number}; one row is right`,
    },
    { line },
  );
}
