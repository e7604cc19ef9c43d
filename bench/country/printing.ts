import {
  addressOf,
  type CellNote,
  type DisclosureItemValue,
  type Figures,
  type RequestStatisticsRow,
  type ReviewLitigationCountsRow,
} from '../../src/editions/figures.ts';
import { editions } from '../../src/editions/index.ts';
import { applicantParts, outcomeParts, proceedingKeys } from '../../src/editions/vocabulary.ts';
import { type Counts, finestRows, itemPosition, outcomeWidth, width } from './counts.ts';
import type { Faults } from './faults.ts';
import { type Below, pick } from './random.ts';

/** How a report prints what happened, with its faults. */

/** For each edition the rows in printed order, each with the finest rows that it adds up. */
const printedRows = Object.fromEntries(
  editions.map(({ edition, request_statistics: rows }) => {
    const isPrinted = new Set(rows.map(({ row }) => row));
    // The finest rows that this edition does not print. It has a single row instead, （六）其他处理, which adds them up.
    const others = finestRows.flatMap(({ row }, index) => (isPrinted.has(row) ? [] : [index]));
    const printed = rows.map(({ row, role }) => {
      const index = finestRows.findIndex((each) => each.row === row);
      return { row, role, from: index === -1 ? others : [index] };
    });
    return [edition, printed];
  }),
);

/** For each edition the cells of section two, each with the place of its count. */
const printedItems = Object.fromEntries(
  editions.map(({ edition, disclosure_items }) => [
    edition,
    disclosure_items.flatMap(({ item, measures }, index) =>
      measures.map(({ measure, unit }) => ({ item, measure, unit, index, at: itemPosition(item, measure) })),
    ),
  ]),
);

type Cells = Record<string, number | null>;

function printRequests(below: Below, counts: Counts, edition: string, faults: Faults) {
  const rows = printedRows[edition]!;
  const handled: number[] = new Array(width).fill(0);
  const printed = rows.map(({ row, role, from }) => {
    const cells: Cells = {};
    let total = 0;
    for (let part = 0; part < width; part++) {
      let value = role === 'result_total' ? handled[part]! : 0;
      for (const index of from) value += counts.requests[index * width + part]!;
      if (role === 'result') handled[part]! += value;
      total += value;
      cells[applicantParts[part]!] = value === 0 && faults.zerosBlank ? null : value;
    }
    cells.total = total;
    return { row, role, cells };
  });
  const resultRows = printed.filter(({ role }) => role === 'result');
  if (faults.totalsBlank) for (const { cells } of resultRows.slice(below(8))) cells.total = null;
  if (faults.rowTotal) {
    const { cells } = pick(below, resultRows);
    cells.total = cells.total ? 0 : 1 + below(3);
  }
  return printed.map(({ row, cells }) => ({ row, ...cells }) as RequestStatisticsRow);
}

function printProceedings(below: Below, counts: Counts, faults: Faults): ReviewLitigationCountsRow[] {
  const faulty = below(proceedingKeys.length);
  return proceedingKeys.map((proceeding, index) => {
    const cells: Cells = {};
    let total = 0;
    for (let part = 0; part < outcomeWidth; part++)
      total += cells[outcomeParts[part]!] = counts.proceedings[index * outcomeWidth + part]!;
    cells.total = total;
    if (faults.proceedingTotal && total > 0 && index <= faulty) cells.total = total > 2 ? 0 : total + 1;
    if (faults.proceedingBlank && total === 0 && index === faulty)
      for (const name of Object.keys(cells)) cells[name] = null;
    return { proceeding, ...cells } as unknown as ReviewLitigationCountsRow;
  });
}

const amountUnits = ['元', '元', '万元'] as const;
/** 元 in one 万元. */
const tenThousand = 10_000;

function printItems(
  below: Below,
  counts: Counts,
  edition: Figures['editions']['disclosure_items'],
  faults: Faults,
) {
  const procurement = faults.amountUnit ? null : pick(below, amountUnits);
  const blankItem = faults.itemsBlank ? below(4) : -1;
  return printedItems[edition]!.map(({ item, measure, unit, index, at }): DisclosureItemValue => {
    const printed = measure === 'amount' && unit === null ? procurement : unit;
    let value: number | null = counts.items[at]!;
    if (measure === 'amount' && printed === '万元') value /= tenThousand;
    if (measure === 'disclosed' && faults.notDisclosed) value = Math.floor(value / 2);
    if (measure === 'decisions' && faults.itemsAsCases && edition === '2019')
      // The counts of prior_items and items_change stand before that of the decisions.
      value = Math.max(0, counts.items[at - 2]! + counts.items[at - 1]!);
    if (item === 'regulations' && faults.regulations && value === 0 && measure !== 'repealed') value = 1;
    if (index === blankItem && value === 0) value = null;
    return { item, measure, value, unit: printed };
  });
}

/**
 * A note on one cell at most: on an amount that was printed with its unit, or on a blank that was printed as a dash.
 */
function notesOn(items: readonly DisclosureItemValue[]): CellNote[] {
  const noted = items.find(
    ({ measure, value, unit }) => value === null || (measure === 'amount' && unit === '元' && value > 0),
  );
  if (noted === undefined) return [];
  const { item, measure, value } = noted;
  const raw = value === null ? '—' : `${value}元`;
  return [{ cell: addressOf('disclosure_items', item, measure), raw, note: null }];
}

/** The figures of a report. */
export function printFigures(
  below: Below,
  counts: Counts,
  head: Pick<Figures, 'year' | 'scope' | 'editions'>,
  faults: Faults,
): Figures {
  const disclosure_items = printItems(below, counts, head.editions.disclosure_items, faults);
  const request_statistics = printRequests(below, counts, head.editions.request_statistics, faults);
  const review_litigation_counts = printProceedings(below, counts, faults);
  const isPartial = faults.partial && request_statistics.every(({ total }) => !total);
  return {
    ...head,
    disclosure_items,
    request_statistics: isPartial ? request_statistics.slice(0, below(6)) : request_statistics,
    review_litigation_counts: isPartial ? [] : review_litigation_counts,
    cell_notes: faults.noted ? notesOn(disclosure_items) : [],
  };
}
