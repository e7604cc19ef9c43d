import type { EditionKey, FigureType, Proceeding } from './edition.ts';
import { addressOf, allowedUnits, type Editions, findMeasure, formCells } from './figures.ts';
import { editionByKey, editionKeys, editionOfYear, firstReportYear } from './index.ts';
import { printsRow } from './request-groups.ts';
import { proceedingKeys } from './vocabulary.ts';

/**
 * Something in a document that does not fit the form: where (RFC 6901 pointer), what (code), and what would be right.
 */
export interface Fault {
  pointer: string;
  code: string;
  message: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** No table may have more entries. One that has is refused for that, so its further entries are not looked at. */
const mostEntries = 300;
/** The entries of a table. An entry that is no object is read as an empty one. */
const recordsOf = (value: unknown): Record<string, unknown>[] =>
  (Array.isArray(value) ? value.slice(0, mostEntries) : []).map((entry) => (isRecord(entry) ? entry : {}));

/** The number of decimals in the shortest spelling of a number, as the person who wrote it would count them. */
function decimalsOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent));
}

const eitherOf = (values: readonly (string | null)[]) =>
  values
    .map(String)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' or ');

/** The largest amount of money. Beyond it a JSON number cannot hold four decimals exactly. */
export const largestAmount = 99_999_999_999.9999;

/** The faults of the figure in a cell, each with a code and a message. */
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
 * Everything in a report document that cannot be on the form: a row, item or measure that its edition does not have,
 * the same cell twice, a negative or fractional count, a wrong unit, a year out of range, a note on no cell. It takes
 * any value and reads only what is well formed, so that these faults and those of structure are reported together.
 */
export function formFaults(document: unknown, latestYear: number): Fault[] {
  if (!isRecord(document)) return [];
  const { year } = document;
  const declared = isRecord(document.editions) ? document.editions : {};
  const byYear = editionOfYear(typeof year === 'number' ? year : latestYear);
  const editionOf = (table: keyof Editions) => editionKeys.find((key) => key === declared[table]) ?? byYear;
  const editions = {
    disclosure_items: editionOf('disclosure_items'),
    request_statistics: editionOf('request_statistics'),
  };
  return [
    ...yearFaults(year, latestYear),
    ...disclosureFaults(document.disclosure_items, editions.disclosure_items),
    ...requestFaults(document.request_statistics, editions.request_statistics),
    ...reviewFaults(document.review_litigation_counts),
    ...noteFaults(document.cell_notes, editions),
  ];
}

function yearFaults(year: unknown, latestYear: number): Fault[] {
  if (typeof year !== 'number' || !Number.isInteger(year)) return [];
  if (year >= firstReportYear && year <= latestYear) return [];
  const message = `must be from ${firstReportYear} to ${latestYear}`;
  return [{ pointer: '/year', code: 'year-out-of-range', message }];
}

/** Returns a function that finds the fault of an entry whose key an earlier entry of the table has. */
function duplicatesIn(table: string): (key: string, index: number) => Fault[] {
  const seen = new Map<string, number>();
  return (key, index) => {
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, index);
      return [];
    }
    const message = `${key.replace(`${table}.`, '')} is already given at /${table}/${first}; give it once`;
    return [{ pointer: `/${table}/${index}`, code: 'duplicate-cell', message }];
  };
}

function disclosureFaults(table: unknown, edition: EditionKey): Fault[] {
  const duplicates = duplicatesIn('disclosure_items');
  return recordsOf(table).flatMap(({ item, measure, value, unit }, index) => {
    if (typeof item !== 'string' || typeof measure !== 'string') return [];
    const pointer = `/disclosure_items/${index}`;
    const faults = duplicates(addressOf('disclosure_items', item, measure), index);
    const found = findMeasure(edition, item, measure);
    if (found === undefined) {
      const message = `edition ${edition} has no ${item}.${measure}; ${measuresOf(edition, item)}`;
      return [...faults, { pointer, code: 'not-on-form', message }];
    }
    if (unit !== undefined && unit !== found.unit && !allowedUnits(found).includes(unit as null)) {
      const message = `must be ${eitherOf(allowedUnits(found))} for ${item}.${measure}`;
      faults.push({ pointer: `${pointer}/unit`, code: 'wrong-unit', message });
    }
    if (typeof value === 'number' && Number.isFinite(value))
      for (const [code, message] of figureFaults(value, found.type))
        faults.push({ pointer: `${pointer}/value`, code, message });
    return faults;
  });
}

/** The measures that an item has, in words. Where it is no item, the items that there are. */
function measuresOf(edition: EditionKey, item: string): string {
  const items = editionByKey(edition).disclosure_items;
  const known = items.find((each) => each.item === item);
  return known
    ? `${item} has ${known.measures.map(({ measure }) => measure).join(', ')}`
    : `its items are ${items.map((each) => each.item).join(', ')}`;
}

function requestFaults(table: unknown, edition: EditionKey): Fault[] {
  const duplicates = duplicatesIn('request_statistics');
  return recordsOf(table).flatMap(({ row }, index) => {
    if (typeof row !== 'string') return [];
    const faults = duplicates(row, index);
    if (printsRow(edition, row)) return faults;
    const rows = editionByKey(edition).request_statistics.map((each) => each.row);
    const message = `edition ${edition} has no row ${row}; its rows are ${rows.join(', ')}`;
    return [...faults, { pointer: `/request_statistics/${index}/row`, code: 'not-on-form', message }];
  });
}

function reviewFaults(table: unknown): Fault[] {
  const duplicates = duplicatesIn('review_litigation_counts');
  return recordsOf(table).flatMap(({ proceeding }, index) =>
    proceedingKeys.includes(proceeding as Proceeding) ? duplicates(proceeding as Proceeding, index) : [],
  );
}

function noteFaults(notes: unknown, editions: Editions): Fault[] {
  const duplicates = duplicatesIn('cell_notes');
  return recordsOf(notes).flatMap(({ cell }, index) => {
    if (typeof cell !== 'string') return [];
    const faults = duplicates(cell, index);
    if (isNoteAddress(cell, editions)) return faults;
    const message = `${cell} is no cell, row or table of the declared editions`;
    return [...faults, { pointer: `/cell_notes/${index}/cell`, code: 'not-on-form', message }];
  });
}

/**
 * Whether a note may be at an address: at a cell or, for what is printed outside the official cells, at a row or a
 * table.
 */
function isNoteAddress(address: string, editions: Editions): boolean {
  const cells = formCells(editions);
  if (cells.has(address)) return true;
  for (const cell of cells.keys()) if (cell.startsWith(`${address}.`)) return true;
  return false;
}
