import { type Figures, formCells } from './figures.ts';
import { applicantKeys, outcomeKeys } from './vocabulary.ts';

/** The captured cells of a report that fits its form, by address: a number, null where blank, else undefined. */
export interface CellReader {
  get(cell: string): number | null | undefined;
  /** How many are captured. */
  readonly size: number;
}

type Form = ReturnType<typeof formCells>;
const placesByForm = new WeakMap<Form, ReadonlyMap<string, number>>();

/** The place of every cell in printed order, and by `table.row.` that of the first cell of a row. */
function placesOf(form: Form): ReadonlyMap<string, number> {
  const known = placesByForm.get(form);
  if (known !== undefined) return known;
  const places = new Map<string, number>();
  for (const [place, cell] of [...form.keys()].entries()) {
    const row = cell.slice(0, cell.lastIndexOf('.') + 1);
    if (!places.has(row)) places.set(row, place);
    places.set(cell, place);
  }
  placesByForm.set(form, places);
  return places;
}

/** Every report is read by its rules: one array in printed order costs a fraction of a map of its cells. */
export function cellReader(figures: Figures): CellReader {
  const form = formCells(figures.editions);
  const places = placesOf(form);
  const values = new Array<number | null | undefined>(form.size).fill(undefined);
  let size = 0;
  const put = (at: number | undefined, value: number | null) => {
    if (at === undefined) return;
    if (values[at] === undefined) size++;
    values[at] = value;
  };
  for (const { item, measure, value } of figures.disclosure_items)
    put(places.get(`disclosure_items.${item}.${measure}`), value);
  for (const row of figures.request_statistics) {
    const first = places.get(`request_statistics.${row.row}.`);
    if (first !== undefined)
      for (let column = 0; column < applicantKeys.length; column++)
        put(first + column, row[applicantKeys[column]!]);
  }
  for (const row of figures.review_litigation_counts) {
    const first = places.get(`review_litigation_counts.${row.proceeding}.`);
    if (first !== undefined)
      for (let column = 0; column < outcomeKeys.length; column++)
        put(first + column, row[outcomeKeys[column]!]);
  }
  return {
    size,
    get(cell) {
      const place = places.get(cell);
      return place === undefined ? undefined : values[place];
    },
  };
}
