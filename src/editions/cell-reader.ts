import { applicants, outcomes } from './edition.ts';
import { addressOf, type Figures, formCells } from './figures.ts';

/**
 * Reads the captured cells of a report that fits its form, by address: a number, null where blank, undefined where
 * not captured.
 */
export interface CellReader {
  get(cell: string): number | null | undefined;
  /** How many cells are captured. */
  readonly size: number;
}

/** Where a document keeps a cell: in which line (a row, or a cell of section two) and under which member of it. */
interface Place {
  line: number;
  member: string;
}

type Form = ReturnType<typeof formCells>;
const placesByForm = new WeakMap<Form, ReadonlyMap<string, Place>>();

function placesOf(form: Form): ReadonlyMap<string, Place> {
  const known = placesByForm.get(form);
  if (known !== undefined) return known;
  const lines = new Map<string, number>();
  const places = new Map<string, Place>();
  for (const { cell, table } of form.values()) {
    const [, row, column] = cell.split('.') as [string, string, string];
    const line = table === 'disclosure_items' ? cell : `${table}.${row}`;
    if (!lines.has(line)) lines.set(line, lines.size);
    places.set(cell, {
      line: lines.get(line)!,
      member: table === 'disclosure_items' ? 'value' : column,
    });
  }
  placesByForm.set(form, places);
  return places;
}

/**
 * Makes a reader for a report. Rules read every report: listing its lines in printed order costs a fraction of making
 * a map of all its cells.
 */
export function cellReader(figures: Figures): CellReader {
  const form = formCells(figures.editions);
  const places = placesOf(form);
  const lines: (object | undefined)[] = [];
  let size = 0;
  const put = (cell: string, line: object, cells: number) => {
    const place = places.get(cell);
    if (place === undefined) return;
    if (lines[place.line] === undefined) size += cells;
    lines[place.line] = line;
  };
  for (const cell of figures.disclosure_items)
    put(addressOf('disclosure_items', cell.item, cell.measure), cell, 1);
  for (const row of figures.request_statistics)
    put(addressOf('request_statistics', row.row, 'total'), row, applicants.length);
  for (const row of figures.review_litigation_counts)
    put(addressOf('review_litigation_counts', row.proceeding, 'total'), row, outcomes.length);
  return {
    size,
    get(cell) {
      const place = places.get(cell);
      if (place === undefined) return undefined;
      return (lines[place.line] as Record<string, number | null> | undefined)?.[place.member];
    },
  };
}
