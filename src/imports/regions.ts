import { isClauseLine, opensDisclosureTable } from './disclosure-table.ts';
import { isFormLabel, isRunTogether } from './form-labels.ts';
import { headingOf, type Section } from './headings.ts';
import { filledCells, type Line } from './lines.ts';
import { isAboveApplicants, opensRequestTable } from './requests-labels.ts';
import { opensReviewTable } from './review-table.ts';

export type TableSection = Extract<
  Section,
  'disclosure_items' | 'request_statistics' | 'review_litigation_counts'
>;

const openings: readonly [TableSection, (line: Line) => boolean][] = [
  ['disclosure_items', opensDisclosureTable],
  ['request_statistics', opensRequestTable],
  ['review_litigation_counts', opensReviewTable],
];

/** The table whose header or clause a line is; undefined for any other line. */
const tableOpenedBy = (line: Line): TableSection | undefined =>
  line.blank ? undefined : openings.find(([, opens]) => opens(line))?.[0];

/**
 * How far below a clause its rows begin, in lines. A blank line or a page number may stand between it and its
 * header.
 */
const nearestRows = 5;

/**
 * Whether rows follow a line that opens a table. Without a line of several cells below it, a clause heads no
 * table: the tabs of the table are lost, or it is text.
 */
const headsRows = (lines: readonly Line[], at: number): boolean =>
  !isClauseLine(lines[at]!) ||
  lines.slice(at + 1, at + 1 + nearestRows).some((line) => filledCells(line).length > 1);

/** A run of lines: a table with the blank lines inside it, or text. */
export interface Region {
  /** Null for text. */
  table: TableSection | null;
  lines: Line[];
}

const pageNumber = /^(?:[-–—]\s*\d{1,3}\s*[-–—]|第\s*\d{1,3}\s*页)$/;
const barePageNumber = /^\d{1,3}$/;

/**
 * Whether a line is a page number. A bare number right below a row may be the end of its last value, so a
 * bare page number must stand apart.
 */
function isPageNumber(lines: readonly Line[], at: number): boolean {
  const text = lines[at]!.raw.trim();
  const isApart = lines[at - 1]?.page !== lines[at]!.page;
  return pageNumber.test(text) || (isApart && barePageNumber.test(text));
}

/** True for a line with one filled cell that reads as the heading of a section, even where the line ends in a tab. */
const isHeading = (line: Line): boolean => {
  const filled = filledCells(line);
  return filled.length === 1 && headingOf(filled[0]!) !== undefined;
};

/**
 * A label of the form without any value belongs to its table, where it is an unreadable row. So do figures
 * run together.
 */
const isRowWithoutTabs = (line: Line): boolean =>
  isClauseLine(line) || isFormLabel(line.cells[0]!) || isRunTogether(line);

const endsTable = (line: Line): boolean =>
  line.cells.length < 2 ? !isRowWithoutTabs(line) : line.cells.length === 2 && isHeading(line);

/**
 * Cuts a text into tables and the text between them. A table begins with its own header. It ends before the
 * first line of text without a tab, the next heading or the header of another table. A page number between
 * two rows does not end it.
 */
export function regionsOf(lines: readonly Line[]): Region[] {
  const regions: Region[] = [];
  let open: Region = { table: null, lines: [] };
  regions.push(open);
  const start = (table: TableSection | null) => {
    open = { table, lines: [] };
    regions.push(open);
  };
  for (const [index, line] of lines.entries()) {
    if (line.blank) {
      open.lines.push(line);
      continue;
    }
    const table = tableOpenedBy(line);
    if (open.table === null) {
      if (table !== undefined && headsRows(lines, index)) {
        const isHeaded = table === 'request_statistics' && isAboveApplicants(lines[index - 1]);
        const above = isHeaded ? open.lines.splice(-1) : [];
        start(table);
        open.lines.push(...above);
      }
    } else if (table !== undefined && table !== open.table) start(table);
    else if (endsTable(line)) {
      if (line.cells.length === 1 && isPageNumber(lines, index) && goesOn(lines, index + 1)) continue;
      start(null);
    }
    open.lines.push(line);
  }
  return regions;
}

/**
 * Whether the next filled line is one more row. Only a few lines are looked at: a page break is one or two
 * blank lines.
 */
function goesOn(lines: readonly Line[], from: number): boolean {
  for (let index = from; index < Math.min(lines.length, from + 5); index++) {
    const line = lines[index]!;
    if (!line.blank) return !endsTable(line) && tableOpenedBy(line) === undefined;
  }
  return false;
}
