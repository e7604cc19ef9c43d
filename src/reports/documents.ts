import { hashOf } from '../audit/chain.ts';
import type { EditionKey } from '../editions/edition.ts';
import { type Figures, findMeasure, inFormOrder } from '../editions/figures.ts';
import { editionOfYear } from '../editions/index.ts';
import { applicantKeys, outcomeKeys } from '../editions/vocabulary.ts';
import type { DraftDocument } from './document-schemas.ts';

/** The content of a revision: a report document without its organ, year and scope. Nothing is left out. */
export interface Content extends Omit<Figures, 'year' | 'scope'> {
  title: string | null;
  published_on: string | null;
  source_url: string | null;
  overview: string | null;
  problems: string | null;
  other_matters: string | null;
}

/** The natural key of a report: there is only one for an organ, year and scope. */
export interface NaturalKey {
  organ_id: string;
  year: number;
  scope: Figures['scope'];
}

const editionsOf = (year: number): Figures['editions'] => {
  const edition: EditionKey = editionOfYear(year);
  return { disclosure_items: edition, request_statistics: edition };
};

const requestMembers = ['row', ...applicantKeys] as const;
const reviewMembers = ['proceeding', ...outcomeKeys] as const;

/** The same row with its members in this order. */
function inOrderOf<Row extends object>(members: readonly (keyof Row)[], row: Row): Row {
  const ordered = {} as Row;
  for (const member of members) ordered[member] = row[member];
  return ordered;
}

/**
 * Completes a document as it was filed. Missing editions come from `editions`, those of the draft that it replaces,
 * or from the year. Missing units come from the form. Missing texts become null, and missing tables are not captured.
 * Rows and their members are put in printed order, so that the same content is always the same text.
 */
export function toContent(
  document: Pick<DraftDocument, keyof Content>,
  year: number,
  editions: Figures['editions'] = editionsOf(year),
): Content {
  const declared = document.editions ?? editions;
  return inFormOrder({
    title: document.title ?? null,
    published_on: document.published_on ?? null,
    source_url: document.source_url ?? null,
    overview: document.overview ?? null,
    problems: document.problems ?? null,
    other_matters: document.other_matters ?? null,
    editions: declared,
    disclosure_items: (document.disclosure_items ?? []).map((cell) => ({
      item: cell.item,
      measure: cell.measure,
      value: cell.value,
      unit:
        cell.unit === undefined
          ? (findMeasure(declared.disclosure_items, cell.item, cell.measure)?.unit ?? null)
          : cell.unit,
    })),
    request_statistics: (document.request_statistics ?? []).map((row) => inOrderOf(requestMembers, row)),
    review_litigation_counts: (document.review_litigation_counts ?? []).map((row) =>
      inOrderOf(reviewMembers, row),
    ),
    cell_notes: (document.cell_notes ?? []).map(({ cell, raw, note }) => ({ cell, raw, note: note ?? null })),
  });
}

/**
 * SHA-256 over everything that a revision says. The content must be in printed order, as `toContent` and the database
 * give it.
 */
export function contentHash(content: Content): string {
  const { title, published_on, source_url, overview, problems, other_matters, editions } = content;
  return hashOf([
    [title, published_on, source_url, overview, problems, other_matters],
    [editions.disclosure_items, editions.request_statistics],
    content.disclosure_items.map(({ item, measure, value, unit }) => [item, measure, value, unit]),
    content.request_statistics.map((row) => requestMembers.map((member) => row[member])),
    content.review_litigation_counts.map((row) => reviewMembers.map((member) => row[member])),
    content.cell_notes.map(({ cell, raw, note }) => [cell, raw, note]),
  ])!;
}

/** The hash that an audit entry keeps of a revision. It covers everything in it that a person said or decided. */
export function revisionHash(
  head: {
    number: number;
    state: string;
    reason: string | null;
    return_reason: string | null;
    withdraw_reason: string | null;
  },
  content_hash: string,
  answers: ReadonlyMap<string, { text: string }> = new Map(),
): string {
  const { number, state, reason, return_reason, withdraw_reason } = head;
  const answered = [...answers].map(([key, { text }]) => [key, text]).sort();
  return hashOf([number, state, reason, return_reason, withdraw_reason, content_hash, answered])!;
}

/** JSON merge patch (RFC 7396) of one object: null removes, objects merge, everything else replaces. */
export function mergePatch<T extends object>(target: T, patch: object): T {
  const result = { ...target } as Record<string, unknown>;
  for (const [key, value] of Object.entries(patch)) {
    const before = result[key];
    if (value === null) delete result[key];
    else if (isObject(value)) result[key] = mergePatch(isObject(before) ? before : {}, value);
    else result[key] = value;
  }
  return result as T;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
