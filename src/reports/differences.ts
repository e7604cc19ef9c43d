import { type Static, Type } from 'typebox';
import type { Label, Unit } from '../editions/edition.ts';
import { cellValues, formCells } from '../editions/figures.ts';
import { keys, nullable, ref } from '../http/schema-parts.ts';
import type { Revision } from './queries.ts';

/** What differs between two revisions of a report. */

const unit = (description: string) => nullable<Unit>('string', { description });
const cellState = (description: string) => keys(['number', 'blank', 'not_captured'], { description });
const differenceExample = {
  cell: 'review_litigation_counts.review.total',
  label: { zh: '行政复议 · 总计', en: 'Administrative review · Total' },
  from_state: 'number',
  from: 0,
  from_unit: null,
  to_state: 'number',
  to: 11,
  to_unit: null,
};

export const CellDifference = Type.Object(
  {
    cell: Type.String({ description: 'The address of the cell.' }),
    label: ref<Label>('Label'),
    from_state: cellState('What the cell is in the earlier one.'),
    from: nullable<number>('number', { description: 'Its value there; null unless a number.' }),
    from_unit: unit('Its unit there, in section two.'),
    to_state: cellState('What the cell is in the later one.'),
    to: nullable<number>('number', { description: 'Its value there; null unless a number.' }),
    to_unit: unit('Its unit there, in section two.'),
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
      description: 'A text member of the report, `editions.` and a table, or `cell_notes.` and an address.',
    }),
    from: nullable<string>('string', { description: 'What the one has.' }),
    to: nullable<string>('string', { description: 'What the other has.' }),
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
    cells: Type.Array(ref<Static<typeof CellDifference>>('CellDifference'), {
      description: 'Cells that differ, in printed order.',
    }),
    texts: Type.Array(ref<Static<typeof TextDifference>>('TextDifference'), {
      description: 'Texts that differ.',
    }),
  },
  {
    $id: 'RevisionDiff',
    description: 'What differs between two revisions of a report.',
    examples: [{ from: 1, to: 2, cells: [differenceExample], texts: [] }],
  },
);

/** The units of the cells of section two, by address. Every other table has the same unit in all its cells. */
const unitsOf = ({ disclosure_items }: Revision) =>
  new Map(disclosure_items.map(({ item, measure, unit }) => [`disclosure_items.${item}.${measure}`, unit]));

/** The texts of a revision by member: its narrative, its editions, and what was printed beside plain numbers. */
const textsOf = (revision: Revision) =>
  new Map<string, string | null>([
    ...(['title', 'published_on', 'source_url', 'overview', 'problems', 'other_matters'] as const).map(
      (member) => [member, revision[member]] as const,
    ),
    ['editions.disclosure_items', revision.editions.disclosure_items],
    ['editions.request_statistics', revision.editions.request_statistics],
    ...revision.cell_notes.map(
      ({ cell, raw, note }) => [`cell_notes.${cell}`, note === null ? raw : `${raw}（${note}）`] as const,
    ),
  ]);

const stateOf = (value: number | null | undefined) =>
  value === undefined ? 'not_captured' : value === null ? 'blank' : 'number';

/** The cells, in printed order, and the texts that are not the same in both revisions. */
export function differences(from: Revision, to: Revision) {
  const [before, after] = [cellValues(from), cellValues(to)];
  const labels = new Map([...formCells(from.editions), ...formCells(to.editions)]);
  const [unitsBefore, unitsAfter] = [unitsOf(from), unitsOf(to)];
  const cells = [...labels.values()]
    .filter(
      ({ cell }) =>
        before.get(cell) !== after.get(cell) ||
        (before.has(cell) && after.has(cell) && unitsBefore.get(cell) !== unitsAfter.get(cell)),
    )
    .map(({ cell, label }) => ({
      cell,
      label,
      from_state: stateOf(before.get(cell)),
      from: before.get(cell) ?? null,
      from_unit: unitsBefore.get(cell) ?? null,
      to_state: stateOf(after.get(cell)),
      to: after.get(cell) ?? null,
      to_unit: unitsAfter.get(cell) ?? null,
    }));
  const [textsBefore, textsAfter] = [textsOf(from), textsOf(to)];
  const texts = [...new Set([...textsBefore.keys(), ...textsAfter.keys()])]
    .map((member) => ({ member, from: textsBefore.get(member) ?? null, to: textsAfter.get(member) ?? null }))
    .filter((text) => text.from !== text.to);
  return { cells, texts };
}
