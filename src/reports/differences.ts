import { type Static, Type } from 'typebox';
import type { Label } from '../editions/edition.ts';
import { cellValues, formCells } from '../editions/figures.ts';
import type { Revision } from './queries.ts';

/** What differs between two revisions of a report. */

const CellState = { type: 'string', enum: ['number', 'blank', 'not_captured'] } as const;
const differenceExample = {
  cell: 'review_litigation_counts.review.total',
  label: { zh: '行政复议 · 总计', en: 'Administrative review · Total' },
  from_state: 'number',
  from: 0,
  to_state: 'number',
  to: 11,
};

export const CellDifference = Type.Object(
  {
    cell: Type.String({ description: 'The address of the cell.' }),
    label: Type.Unsafe<Label>(Type.Ref('Label')),
    from_state: Type.Unsafe<'number' | 'blank' | 'not_captured'>({
      ...CellState,
      description: 'What the cell is in the earlier one.',
    }),
    from: Type.Unsafe<number | null>({
      type: ['number', 'null'],
      description: 'Its value there; null unless a number.',
    }),
    to_state: Type.Unsafe<'number' | 'blank' | 'not_captured'>({
      ...CellState,
      description: 'What the cell is in the later one.',
    }),
    to: Type.Unsafe<number | null>({
      type: ['number', 'null'],
      description: 'Its value there; null unless a number.',
    }),
  },
  {
    $id: 'CellDifference',
    description: 'A cell that differs between two revisions.',
    examples: [differenceExample],
  },
);
export const TextDifference = Type.Object(
  {
    member: Type.String({
      description: 'title, published_on, source_url, overview, problems or other_matters.',
    }),
    from: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'What the one has.' }),
    to: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'What the other has.' }),
  },
  {
    $id: 'TextDifference',
    description: 'A text that differs.',
    examples: [{ member: 'title', from: null, to: '年度报告' }],
  },
);
export const RevisionDiff = Type.Object(
  {
    from: Type.Integer({ description: 'The number of the one revision.' }),
    to: Type.Integer({ description: 'The number of the other.' }),
    cells: Type.Array(Type.Unsafe<Static<typeof CellDifference>>(Type.Ref('CellDifference')), {
      description: 'Cells that differ, in printed order.',
    }),
    texts: Type.Array(Type.Unsafe<Static<typeof TextDifference>>(Type.Ref('TextDifference')), {
      description: 'Texts that differ.',
    }),
  },
  {
    $id: 'RevisionDiff',
    description: 'What differs between two revisions of a report.',
    examples: [{ from: 1, to: 2, cells: [differenceExample], texts: [] }],
  },
);

const stateOf = (value: number | null | undefined) =>
  value === undefined ? 'not_captured' : value === null ? 'blank' : 'number';

/** Cells in printed order, and texts, that are not the same in both. */
export function differences(from: Revision, to: Revision) {
  const [before, after] = [cellValues(from), cellValues(to)];
  const labels = new Map([...formCells(from.editions), ...formCells(to.editions)]);
  const cells = [...labels.values()]
    .filter(({ cell }) => before.get(cell) !== after.get(cell))
    .map(({ cell, label }) => ({
      cell,
      label,
      from_state: stateOf(before.get(cell)),
      from: before.get(cell) ?? null,
      to_state: stateOf(after.get(cell)),
      to: after.get(cell) ?? null,
    }));
  const texts = (['title', 'published_on', 'source_url', 'overview', 'problems', 'other_matters'] as const)
    .filter((member) => from[member] !== to[member])
    .map((member) => ({ member, from: from[member], to: to[member] }));
  return { cells, texts };
}
