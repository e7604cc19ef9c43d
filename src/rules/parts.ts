import { applicants, type EditionKey, type Label, type Unit } from '../editions/edition.ts';
import { type FormCell, joined } from '../editions/figures.ts';
import { groupOf, printsRow } from '../editions/request-groups.ts';
import { type Operand, operandAt, type ReportCells } from './view.ts';
import { quoted } from './wording.ts';

/** A consolidated report together with what its parts add up to. */

/** What the parts add up to at one cell, or over the rows of a group that stands for one. */
export interface PartSum {
  cell: string;
  /** The sum of the cells that hold a number; null where none does. */
  sum: number | null;
  /** How many parts have the cell, blank or not. */
  reports: number;
  /** How many blank cells the sum passes over. */
  blank: number;
  /** How many amounts of money were not added because they name no unit. */
  unit_unknown: number;
}

export interface Parts {
  reports: number;
  /** The editions of the parts' tables of requests. */
  editions: readonly EditionKey[];
  sums: readonly PartSum[];
}

/**
 * A place where the whole can be compared: one cell of its form, or several where editions of the parts print
 * other rows.
 */
export interface Place extends Pick<FormCell, 'cell' | 'table' | 'label' | 'unit'> {
  whole: Operand[];
  parts: Omit<PartSum, 'cell'>;
}

/** What a message calls the cell of the whole if it is the only one. */
const wholeName: Label = { zh: '汇总报告', en: 'the consolidated figure' };
const noPart = { sum: null, reports: 0, blank: 0, unit_unknown: 0 };

/**
 * The cell under which the parts' editions can be compared: the row's own, or that of its group where an
 * edition does not print the row.
 */
function comparableCell(form: FormCell, requests: ReportCells['requests'], editions: Parts['editions']) {
  const [, key, column] = form.cell.split('.');
  if (form.table !== 'request_statistics' || editions.every((each) => printsRow(each, key!))) return form;
  const group = groupOf(requests.request_statistics.find(({ row }) => row === key)!);
  if (group === null) return form;
  const { label } = applicants.find(({ applicant }) => applicant === column)!;
  return { ...form, cell: `${form.table}.${group.group}.${column}`, label: joined(group.label, label) };
}

/** The unit in which sums of amounts are given where the form leaves the unit to the report. */
export const moneyUnit: Unit = '元';
function amountOf({ figures }: ReportCells, cell: string): number | null | undefined {
  const found = figures.disclosure_items.find(
    ({ item, measure }) => `disclosure_items.${item}.${measure}` === cell,
  );
  if (!found || found.value === null || found.value === 0 || found.unit === moneyUnit) return found?.value;
  // An amount has at most four decimals, so one in 万元 is a whole number in 元.
  return found.unit === '万元' ? Math.round(found.value * 10_000) : undefined;
}

/** Every place of the whole's form, in printed order, with the whole's own values and what the parts add up to. */
export function placesOf(report: ReportCells, { editions, sums }: Parts): Place[] {
  const sumAt = new Map(sums.map(({ cell, ...sum }) => [cell, sum]));
  const places = new Map<string, Place>();
  for (const form of report.form.values()) {
    const { cell, table, label, unit } = comparableCell(form, report.requests, editions);
    const own = form.cell === cell;
    const place = places.get(cell) ?? {
      cell,
      table,
      label,
      unit: unit ?? moneyUnit,
      whole: [],
      parts: sumAt.get(cell) ?? noPart,
    };
    const operand = operandAt(report, form.cell, own ? wholeName : quoted(form.label));
    place.whole.push(unit === null ? { ...operand, value: amountOf(report, form.cell) } : operand);
    places.set(cell, place);
  }
  return [...places.values()];
}

/**
 * Whether a place is in the table of requests, the only one that the rule checks. Others are given for
 * information.
 */
export const isRequests = ({ table }: Place): boolean => table === 'request_statistics';
