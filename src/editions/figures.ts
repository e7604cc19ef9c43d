import {
  type Applicant,
  applicants,
  type EditionKey,
  type Label,
  type Measure,
  type Outcome,
  outcomes,
  type Proceeding,
  proceedings,
  type Unit,
} from './edition.ts';
import { editionByKey, editions } from './index.ts';
import { applicantKeys, outcomeKeys, proceedingKeys, type Scope } from './vocabulary.ts';

/**
 * The figures of one report and the addresses of their cells. A cell is a number, blank (null) or not captured
 * (absent).
 */

export type Table = 'disclosure_items' | 'request_statistics' | 'review_litigation_counts';

/**
 * The edition of each table that has one. It is stored, because published reports drift from the edition of their
 * year.
 */
export interface Editions {
  disclosure_items: EditionKey;
  request_statistics: EditionKey;
}

export interface DisclosureItemValue {
  item: string;
  measure: string;
  value: number | null;
  unit: Unit | null;
}

export type RequestStatisticsRow = { row: string } & Record<Applicant, number | null>;

export type ReviewLitigationCountsRow = { proceeding: Proceeding } & Record<Outcome, number | null>;

/** What was printed in a cell, where it was more than a plain number. */
export interface CellNote {
  cell: string;
  raw: string;
  note: string | null;
}

export interface Figures {
  year: number;
  scope: Scope;
  editions: Editions;
  disclosure_items: DisclosureItemValue[];
  request_statistics: RequestStatisticsRow[];
  review_litigation_counts: ReviewLitigationCountsRow[];
  cell_notes: CellNote[];
}

/** A cell of the form: its address and what the form prints for it. */
export interface FormCell {
  cell: string;
  table: Table;
  label: Label;
  unit: Unit | null;
}

/** Several labels as one, as the labels of cells are made: `行政复议 · 总计`. */
export const joined = (...labels: Label[]): Label => ({
  zh: labels.map((label) => label.zh).join(' · '),
  en: labels.map((label) => label.en).join(' · '),
});

/** Every address in any edition, made once, because the rules look each up several times for every report. */
const addresses: Record<Table, Map<string, Map<string, string>>> = {
  disclosure_items: new Map(),
  request_statistics: new Map(),
  review_litigation_counts: new Map(),
};
const keep = (table: Table, line: string, columns: readonly string[]) => {
  const known = addresses[table].get(line) ?? new Map<string, string>();
  addresses[table].set(line, known);
  for (const column of columns) known.set(column, `${table}.${line}.${column}`);
};
for (const edition of editions) {
  for (const { item, measures } of edition.disclosure_items)
    keep(
      'disclosure_items',
      item,
      measures.map(({ measure }) => measure),
    );
  for (const { row } of edition.request_statistics) keep('request_statistics', row, applicantKeys);
}
for (const proceeding of proceedingKeys) keep('review_litigation_counts', proceeding, outcomeKeys);

/** The address of a cell: its table, its item, row or proceeding, and its measure or column. */
export const addressOf = (table: Table, line: string, column: string): string =>
  addresses[table].get(line)?.get(column) ?? `${table}.${line}.${column}`;

function buildCells(editions: Editions): ReadonlyMap<string, FormCell> {
  const cells: FormCell[] = [];
  for (const item of editionByKey(editions.disclosure_items).disclosure_items)
    for (const measure of item.measures)
      cells.push({
        cell: addressOf('disclosure_items', item.item, measure.measure),
        table: 'disclosure_items',
        label: joined(item.label, measure.label),
        unit: measure.unit,
      });
  for (const row of editionByKey(editions.request_statistics).request_statistics)
    for (const applicant of applicants)
      cells.push({
        cell: addressOf('request_statistics', row.row, applicant.applicant),
        table: 'request_statistics',
        label: joined(row.label, applicant.label),
        unit: '件',
      });
  for (const proceeding of proceedings)
    for (const outcome of outcomes)
      cells.push({
        cell: addressOf('review_litigation_counts', proceeding.proceeding, outcome.outcome),
        table: 'review_litigation_counts',
        label: joined(proceeding.label, outcome.label),
        unit: '件',
      });
  return new Map(cells.map((cell) => [cell.cell, cell]));
}

const cellsByEditions = new Map<string, ReadonlyMap<string, FormCell>>();

/** Every cell of the form in printed order, by address. */
export function formCells(editions: Editions): ReadonlyMap<string, FormCell> {
  const key = `${editions.disclosure_items}/${editions.request_statistics}`;
  let cells = cellsByEditions.get(key);
  if (cells === undefined) {
    cells = buildCells(editions);
    cellsByEditions.set(key, cells);
  }
  return cells;
}

/** The captured cells of a report: address → number, or null where blank. A cell that is not captured is absent. */
export function cellValues(
  figures: Omit<Figures, 'year' | 'scope' | 'editions' | 'cell_notes'>,
): Map<string, number | null> {
  const values = new Map<string, number | null>();
  for (const { item, measure, value } of figures.disclosure_items)
    values.set(addressOf('disclosure_items', item, measure), value);
  for (const row of figures.request_statistics)
    for (const applicant of applicantKeys)
      values.set(addressOf('request_statistics', row.row, applicant), row[applicant]);
  for (const row of figures.review_litigation_counts)
    for (const outcome of outcomeKeys)
      values.set(addressOf('review_litigation_counts', row.proceeding, outcome), row[outcome]);
  return values;
}

/** The measure of an item on an edition's form, or undefined where the form has no such cell. */
export function findMeasure(edition: EditionKey, item: string, measure: string): Measure | undefined {
  return editionByKey(edition)
    .disclosure_items.find((candidate) => candidate.item === item)
    ?.measures.find((candidate) => candidate.measure === measure);
}

/** The units a cell of section two may carry: the form's own, or, where the form names none, money or unknown. */
export function allowedUnits(measure: Measure): readonly (Unit | null)[] {
  return measure.unit === null ? ['元', '万元', null] : [measure.unit];
}

/** The places of each edition's rows and cells in printed order, counted once. */
const printedPlaces = new Map(
  editions.map(({ edition, disclosure_items, request_statistics }) => [
    edition,
    {
      items: new Map(
        disclosure_items
          .flatMap(({ item, measures }) => measures.map(({ measure }) => `${item}.${measure}`))
          .map((cell, place) => [cell, place]),
      ),
      rows: new Map<string, number>(request_statistics.map(({ row }, place) => [row, place])),
    },
  ]),
);
const proceedingPlaces = new Map<string, number>(
  proceedings.map(({ proceeding }, place) => [proceeding, place]),
);

/**
 * Rows in order of their places. Those without a place come first. Returns the same array where it is in order
 * already.
 */
function inOrder<T>(rows: T[], placeOf: (row: T) => number | undefined): T[] {
  const places = rows.map((row) => placeOf(row) ?? -1);
  if (places.every((place, index) => index === 0 || place >= places[index - 1]!)) return rows;
  const order = new Map(rows.map((row, index) => [row, places[index]!]));
  return rows.toSorted((a, b) => order.get(a)! - order.get(b)!);
}

/** The same figures with every table in the printed order of its edition. */
export function inFormOrder<
  T extends Pick<
    Figures,
    'editions' | 'disclosure_items' | 'request_statistics' | 'review_litigation_counts'
  >,
>(figures: T): T {
  const { items } = printedPlaces.get(figures.editions.disclosure_items)!;
  const { rows } = printedPlaces.get(figures.editions.request_statistics)!;
  return {
    ...figures,
    disclosure_items: inOrder(figures.disclosure_items, ({ item, measure }) =>
      items.get(`${item}.${measure}`),
    ),
    request_statistics: inOrder(figures.request_statistics, ({ row }) => rows.get(row)),
    review_litigation_counts: inOrder(figures.review_litigation_counts, ({ proceeding }) =>
      proceedingPlaces.get(proceeding),
    ),
  };
}
