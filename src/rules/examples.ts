import { applicants, type EditionKey, outcomes, type Role } from '../editions/edition.ts';
import type { Figures } from '../editions/figures.ts';
import { editionByKey } from '../editions/index.ts';
import { outcomeParts, proceedingKeys } from '../editions/vocabulary.ts';
import type { Subject } from './rule.ts';

/** Compact builders of the small reports that explain the rules. */

type ItemValues = Record<string, Record<string, number | null>>;
type Tables = Partial<
  Pick<Figures, 'disclosure_items' | 'request_statistics' | 'review_litigation_counts' | 'editions'>
>;

/** A report on one edition; tables that are not given are not captured. */
export function figuresOf(year: number, edition: EditionKey, tables: Tables = {}): Figures {
  return {
    year,
    scope: 'own',
    editions: { disclosure_items: edition, request_statistics: edition },
    disclosure_items: [],
    request_statistics: [],
    review_litigation_counts: [],
    cell_notes: [],
    ...tables,
  };
}

export function subjectOf(figures: Figures, others: Partial<Omit<Subject, 'figures'>> = {}): Subject {
  return { figures, organ: null, previous: null, ...others };
}

/** Cells of section two with the form's units: `{ item: { measure: value } }`. */
export function itemCells(edition: EditionKey, values: ItemValues): Figures['disclosure_items'] {
  return editionByKey(edition).disclosure_items.flatMap(({ item, measures }) =>
    measures
      .filter(({ measure }) => values[item]?.[measure] !== undefined)
      .map(({ measure, unit }) => ({ item, measure, value: values[item]![measure]!, unit })),
  );
}

/** A row of section three whose requests all came from natural persons; `total` as printed. */
export function requestRow(row: string, requests: number, total: number | null = requests) {
  const zeros = Object.fromEntries(applicants.map(({ applicant }) => [applicant, 0]));
  return { ...zeros, row, natural_person: requests, total } as Figures['request_statistics'][number];
}

/** The rows of the given roles. The first row of each role has its requests, all others are zero. */
export function requestRows(
  edition: EditionKey,
  requests: Partial<Record<Role, number>>,
): Figures['request_statistics'] {
  const rows = editionByKey(edition).request_statistics;
  return rows
    .filter(({ role }) => requests[role] !== undefined)
    .map((each) =>
      requestRow(each.row, each === rows.find(({ role }) => role === each.role) ? requests[each.role]! : 0),
    );
}

/** A proceeding of section four whose cases were all upheld; `total` as printed. */
export function proceedingRow(
  proceeding: (typeof proceedingKeys)[number],
  cases: number | null,
  total: number | null = cases,
) {
  const rest = Object.fromEntries(outcomes.map(({ outcome }) => [outcome, cases === null ? null : 0]));
  return {
    ...rest,
    proceeding,
    [outcomeParts[0]!]: cases,
    total,
  } as Figures['review_litigation_counts'][number];
}

/** A report on which every cell of the form is captured as zero. */
export function completeFigures(year: number, edition: EditionKey): Figures {
  return figuresOf(year, edition, {
    disclosure_items: editionByKey(edition).disclosure_items.flatMap(({ item, measures }) =>
      measures.map(({ measure, unit }) => ({ item, measure, value: 0, unit })),
    ),
    request_statistics: editionByKey(edition).request_statistics.map(({ row }) => requestRow(row, 0)),
    review_litigation_counts: proceedingKeys.map((proceeding) => proceedingRow(proceeding, 0)),
  });
}
