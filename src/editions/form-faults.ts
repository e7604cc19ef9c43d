import type { EditionKey, FigureType } from './edition.ts';
import { addressOf, allowedUnits, findMeasure, formCells } from './figures.ts';
import { editionByKey, editionKeys, editionOfYear, firstReportYear } from './index.ts';
import { printsRow } from './request-groups.ts';
import { proceedingKeys } from './vocabulary.ts';

/** Something in a document that is not the form: where (RFC 6901 pointer), what, and what would be right. */
export interface Fault {
  pointer: string;
  code: string;
  message: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** The entries of a table; one that is no record is read as an empty one. */
const recordsOf = (value: unknown): Record<string, unknown>[] =>
  (Array.isArray(value) ? value : []).map((entry) => (isRecord(entry) ? entry : {}));

/** The number of decimals of the shortest spelling of a number: what a person who wrote it would count. */
function decimalsOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent));
}

const eitherOf = (values: readonly (string | null)[]) =>
  values
    .map(String)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' or ');

/** Beyond this a JSON number cannot hold four decimals exactly. */
export const largestAmount = 99_999_999_999.9999;

/** What is wrong with the figure of a cell: codes and messages. */
function figureFaults(figure: number, type: FigureType): [code: string, message: string][] {
  const faults: [string, string][] = [];
  const negative = () => faults.push(['negative', 'must be at least 0']);
  if (type === 'decimal(18,4) >= 0') {
    if (figure < 0) negative();
    if (Math.abs(figure) > largestAmount) faults.push(['too-large', `must be at most ${largestAmount}`]);
    else if (decimalsOf(figure) > 4) faults.push(['too-many-decimals', 'must have at most 4 decimals']);
  } else {
    if (!Number.isInteger(figure)) faults.push(['fraction', 'must be a whole number']);
    else if (!Number.isSafeInteger(figure)) faults.push(['too-large', 'must be below 2^53']);
    if (figure < 0 && type !== 'integer') negative();
  }
  return faults;
}

/**
 * Whatever in a report document cannot be on the form: a row, item or measure its edition does not have, the same
 * cell twice, a negative or fractional count, a foreign unit, a year out of range, a note on no cell. Takes any
 * value and reads only what is well formed, so that structural faults and these are reported together.
 */
export function formFaults(document: unknown, latestYear: number): Fault[] {
  if (!isRecord(document)) return [];
  const faults: Fault[] = [];
  const fault = (pointer: string, code: string, message: string) => faults.push({ pointer, code, message });

  const year = document.year;
  if (typeof year === 'number' && Number.isInteger(year) && (year < firstReportYear || year > latestYear))
    fault('/year', 'year-out-of-range', `must be from ${firstReportYear} to ${latestYear}`);

  const declared = isRecord(document.editions) ? document.editions : {};
  const byYear = editionOfYear(typeof year === 'number' ? year : latestYear);
  const edition = (table: string): EditionKey => {
    const key = declared[table];
    return editionKeys.includes(key as EditionKey) ? (key as EditionKey) : byYear;
  };
  const editions = {
    disclosure_items: edition('disclosure_items'),
    request_statistics: edition('request_statistics'),
  };

  const once = (table: string) => {
    const seen = new Map<string, number>();
    return (key: string, index: number) => {
      const first = seen.get(key);
      if (first !== undefined)
        fault(
          `/${table}/${index}`,
          'duplicate-cell',
          `${key.replace(`${table}.`, '')} is already given at /${table}/${first}; give it once`,
        );
      else seen.set(key, index);
    };
  };

  const itemOnce = once('disclosure_items');
  recordsOf(document.disclosure_items).forEach((entry, index) => {
    const { item, measure, value, unit } = entry;
    if (typeof item !== 'string' || typeof measure !== 'string') return;
    itemOnce(addressOf('disclosure_items', item, measure), index);
    const found = findMeasure(editions.disclosure_items, item, measure);
    if (found === undefined) {
      const known = editionByKey(editions.disclosure_items).disclosure_items.find(
        (candidate) => candidate.item === item,
      );
      const right = known
        ? `${item} has ${known.measures.map((candidate) => candidate.measure).join(', ')}`
        : `its items are ${editionByKey(editions.disclosure_items)
            .disclosure_items.map((candidate) => candidate.item)
            .join(', ')}`;
      fault(
        `/disclosure_items/${index}`,
        'not-on-form',
        `edition ${editions.disclosure_items} has no ${item}.${measure}; ${right}`,
      );
      return;
    }
    if (unit !== undefined && unit !== found.unit && !allowedUnits(found).includes(unit as null))
      fault(
        `/disclosure_items/${index}/unit`,
        'wrong-unit',
        `must be ${eitherOf(allowedUnits(found))} for ${item}.${measure}`,
      );
    if (typeof value !== 'number' || !Number.isFinite(value)) return;
    for (const [code, message] of figureFaults(value, found.type))
      fault(`/disclosure_items/${index}/value`, code, message);
  });

  const rowOnce = once('request_statistics');
  recordsOf(document.request_statistics).forEach((entry, index) => {
    if (typeof entry.row !== 'string') return;
    rowOnce(entry.row, index);
    if (!printsRow(editions.request_statistics, entry.row)) {
      const rows = editionByKey(editions.request_statistics).request_statistics.map((row) => row.row);
      fault(
        `/request_statistics/${index}/row`,
        'not-on-form',
        `edition ${editions.request_statistics} has no row ${entry.row}; its rows are ${rows.join(', ')}`,
      );
    }
  });

  const proceedingOnce = once('review_litigation_counts');
  recordsOf(document.review_litigation_counts).forEach(({ proceeding }, index) => {
    if (proceedingKeys.includes(proceeding as never)) proceedingOnce(proceeding as string, index);
  });

  const noteOnce = once('cell_notes');
  recordsOf(document.cell_notes).forEach((entry, index) => {
    if (typeof entry.cell !== 'string') return;
    noteOnce(entry.cell, index);
    if (!isNoteAddress(entry.cell, editions))
      fault(
        `/cell_notes/${index}/cell`,
        'not-on-form',
        `${entry.cell} is no cell, row or table of the declared editions`,
      );
  });
  return faults;
}

/** A note stands on a cell, or, for what is printed outside the official cells, on a row or a table. */
function isNoteAddress(address: string, editions: Parameters<typeof formCells>[0]): boolean {
  const cells = formCells(editions);
  if (cells.has(address)) return true;
  for (const cell of cells.keys()) if (cell.startsWith(`${address}.`)) return true;
  return false;
}
