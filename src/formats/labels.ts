import { cellLabel } from '../editions/cell-labels.ts';
import { columnLabels } from '../editions/column-labels.ts';
import type { Label } from '../editions/edition.ts';
import type { Labels, Row } from './format.ts';

export type Language = keyof Label;
export const languages: readonly Language[] = ['zh', 'en'];

export interface LabelContext {
  /** Labels of this list's columns, besides those that every list may have. */
  columns?: Readonly<Record<string, Label>>;
  /** Labels of this list's codes by column, besides those of the vocabulary. */
  codes?: Readonly<Record<string, ReadonlyMap<string, Label>>>;
  /** What the query says of every row, for keys that the rows themselves may leave out. */
  known?: Readonly<Record<string, unknown>>;
  /** Full names of divisions by code. They are Chinese in both languages, as names of places are. */
  places: ReadonlyMap<string, string>;
}

const truth = { true: { zh: '是', en: 'Yes' }, false: { zh: '否', en: 'No' } } satisfies Record<
  string,
  Label
>;
const placeColumns = ['division_code', 'province', 'city', 'county'];

/** The words of the form and of the vocabulary in one language. A key without a label stays as it is. */
export function labelsIn(language: Language, { columns, codes, known, places }: LabelContext): Labels {
  /** Labels of items and measures are looked for among all cells of the form, so each is looked for only once. */
  const ofFormCells = new Map<string, string>();

  function ofFormCell(row: Row, column: string, value: string): string {
    const address = `${column} ${row.edition} ${row.item} ${row.measure}`;
    const label =
      ofFormCells.get(address) ?? cellLabel(column, value, { ...known, ...row })?.[language] ?? value;
    ofFormCells.set(address, label);
    return label;
  }

  return {
    column: (name) => (columns?.[name] ?? columnLabels[name])?.[language] ?? name,
    cell(row, column) {
      const value = row[column] ?? null;
      if (typeof value === 'boolean') return truth[`${value}`][language];
      if (typeof value !== 'string') return value;
      if (placeColumns.includes(column)) return places.get(value) ?? value;
      if (column === 'item' || column === 'measure') return ofFormCell(row, column, value);
      const label = codes?.[column]?.get(value) ?? cellLabel(column, value, row);
      return label?.[language] ?? value;
    },
  };
}
