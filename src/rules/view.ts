import { type CellReader, cellReader } from '../editions/cell-reader.ts';
import type { Edition, Label } from '../editions/edition.ts';
import { type Figures, type FormCell, formCells } from '../editions/figures.ts';
import { editionByKey } from '../editions/index.ts';
import type { Parts } from './parts.ts';
import type { FindingCell, Subject } from './rule.ts';

/** The figures of one report by address, so that no rule depends on the order in which a document lists them. */
export interface ReportCells {
  figures: Figures;
  disclosure: Edition;
  requests: Edition;
  /** The cells of the form it declares, in printed order. */
  form: ReadonlyMap<string, FormCell>;
  /** The captured cells: a number, or null where blank. */
  values: CellReader;
}

/** A subject as every rule of one pass reads it. */
export interface View {
  organ: Subject['organ'];
  report: ReportCells;
  previous: ReportCells | null;
  parts: Parts | null;
}

/** A cell that a rule reads. `value` is undefined where it is not captured; `name` is what a message calls it. */
export interface Operand extends Omit<FindingCell, 'value'> {
  name: Label;
  value: number | null | undefined;
}

const cellsOf = (figures: Figures): ReportCells => ({
  figures,
  disclosure: editionByKey(figures.editions.disclosure_items),
  requests: editionByKey(figures.editions.request_statistics),
  form: formCells(figures.editions),
  values: cellReader(figures),
});

/** The view of a subject. Only the report of exactly the year before is comparable; any other counts as none. */
export function viewOf({ figures, organ, previous, parts }: Subject): View {
  return {
    organ,
    report: cellsOf(figures),
    previous: previous?.year === figures.year - 1 ? cellsOf(previous) : null,
    parts: parts ?? null,
  };
}

/** The cell at an address of the declared form. `name` is what a message about one place calls it. */
export function operandAt(cells: ReportCells, cell: string, name: Label): Operand {
  return { cell, label: cells.form.get(cell)!.label, name, value: cells.values.get(cell) };
}

const blank = (report: ReportCells): ReportCells => ({
  ...report,
  values: { size: 0, get: () => undefined },
});

/**
 * Returns what `make` makes, called only once for each pair of forms: its result depends on nothing but the
 * form of a report and that of the year before.
 */
export function oncePerForms<T>(make: (report: ReportCells, previous: ReportCells) => T) {
  const made = new WeakMap<ReportCells['form'], WeakMap<ReportCells['form'], T>>();
  return (report: ReportCells, previous = report): T => {
    const those = made.get(report.form) ?? new WeakMap<ReportCells['form'], T>();
    made.set(report.form, those);
    const that = those.get(previous.form) ?? make(blank(report), blank(previous));
    those.set(previous.form, that);
    return that;
  };
}
