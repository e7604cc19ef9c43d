import type { Row } from '../formats/format.ts';
import { yearsOf } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { mixedUnits, unitsOf, unsharedOf } from './comparable.ts';
import type { AggregateQuery, Summed } from './queries.ts';
import { ordersOf, type Refinement } from './refine.ts';
import type { Selection } from './selection.ts';
import { readOrder } from './sort.ts';

export interface Warning {
  code: string;
  message: string;
}

/** A number with its noun, in the singular or the plural. */
export const counted = (count: number, one: string, several: string): string =>
  `${count} ${count === 1 ? one : several}`;

/** The editions of the reports used, those of earlier years included. */
export const editionsOf = ({
  editions,
  editionsBefore = [],
}: Pick<Summed, 'editions' | 'editionsBefore'>): ReadonlySet<string> =>
  new Set([...editions, ...editionsBefore].map(({ edition }) => edition));

const warning = (code: string, message: string): Warning => ({ code, message });

/**
 * Warns where not every edition among the reports prints what is added up: a series would seem to begin, to
 * end or to jump. It does not warn where, in each edition, all parts of what differs are added up.
 */
function rowsDiffer(
  aggregate: Aggregate,
  { compute }: AggregateQuery & Refinement,
  selection: Selection,
  editions: ReadonlySet<string>,
): Warning[] {
  const partly = unsharedOf(aggregate, selection, editions);
  const rows = [...new Set(partly.map(({ row }) => row))];
  const groups = [...new Set(partly.flatMap(({ keys }) => keys.group ?? []))];
  if (rows.length === 0) return [];
  const advice = groups.length === 0 ? '' : `; group=${groups.join(',')} compares them`;
  const named = `the row${rows.length === 1 ? '' : 's'} ${listed(rows, ', ')}`;
  const changes = compute?.includes('change')
    ? ' Between years that differ in this there is no change; with `edition` in group_by, each edition has its own.'
    : '';
  return [
    warning('rows-differ', `Not every edition among these reports prints ${named}${advice}.${changes}`),
  ];
}

/** Warns which rows are in no group: shares of groups leave them out. */
export function rowsLeftOut(
  aggregate: Aggregate,
  query: AggregateQuery,
  { figures, groupBy }: Selection,
): Warning[] {
  const { coarser } = aggregate;
  if (!coarser || !groupBy.includes(coarser.key) || groupBy.includes(coarser.finer)) return [];
  if (query[coarser.finer] ?? query[coarser.key]) return [];
  const kinds = new Set(figures.map(({ kind }) => kind));
  const without = aggregate.figures.filter(({ keys, kind }) => keys[coarser.key] === null && kinds.has(kind));
  const rows = [...new Set(without.map(({ row }) => row))];
  return rows.length === 0
    ? []
    : [
        warning(
          'rows-left-out',
          `Shares are of the ${coarser.key}s alone: ${listed(rows, ', ')} are in none.`,
        ),
      ];
}

/** By key, the filter that has another name than the key. */
const filterOf: Readonly<Record<string, string>> = { organ: 'organ_id' };

/** The codes that the filter for a key names, as they would stand in the answer. */
export function asked(key: string, query: AggregateQuery): readonly unknown[] {
  if (key === 'year') return yearsOf(query.year) ?? [];
  const codes = (query[filterOf[key] ?? key] ?? []) as string[];
  return key === 'organ' ? codes.map((code) => code.toLowerCase()) : codes;
}

/** The most codes that a warning lists. */
export const mostCodes = 20;

/** The query members that choose reports. A warning names those that are given where no report matches. */
const choosing = [
  'state',
  'year',
  'basis',
  'scope',
  'organ_id',
  'under',
  'division',
  'level',
  'kind',
  'published_since',
  'q',
];

/** Warns that no report matches the filters that are given. */
export function nothingMatches(query: AggregateQuery): Warning[] {
  const given = choosing.flatMap((name) => {
    if (name === 'basis' && query.basis === 'auto') return [];
    const codes = [query[name] ?? []].flat() as string[];
    return codes.length === 0 ? [] : [`${name}=${listed(codes)}`];
  });
  if (given.length === 0) return [];
  return [warning('code-without-data', `No report matches ${given.join(' and ')}.`)];
}

/** The first codes, and how many more there are. With the default separator they read as in an address. */
export function listed(codes: readonly unknown[], separator = ','): string {
  const more = codes.length > mostCodes ? ` and ${codes.length - mostCodes} more` : '';
  return `${codes.slice(0, mostCodes).join(separator)}${more}`;
}

/**
 * Whether the query names codes of a key of the answer other than `year`. Whether these have data can then
 * only be told from all rows, those that a refinement leaves out included.
 */
export const namesKeys = (query: AggregateQuery, groupBy: readonly string[]): boolean =>
  groupBy.some((key) => key !== 'year' && asked(key, query).length > 0);

/** Warns of codes that the query names under these keys and that are not among those present. */
export function warnOfAbsent(
  query: AggregateQuery,
  keys: readonly string[],
  present: (key: string) => readonly unknown[],
): Warning[] {
  const missing = keys.flatMap((key) => {
    const named = [...new Set(asked(key, query))];
    if (named.length === 0) return [];
    const there = new Set(present(key));
    const codes = named.filter((code) => !there.has(code));
    return codes.length === 0 ? [] : [`${filterOf[key] ?? key}=${listed(codes)}`];
  });
  return missing.length === 0
    ? []
    : [warning('code-without-data', `No report in the answer has data for ${missing.join('; ')}.`)];
}

/** Warns that no edition of the form has a cell that is asked for. */
function noSuchCell({ keys }: Aggregate, query: AggregateQuery): Warning[] {
  const named = Object.keys(keys).flatMap((key) => {
    const codes = asked(key, query);
    return codes.length === 0 ? [] : [`${key}=${listed(codes)}`];
  });
  return [warning('code-without-data', `No edition of the form has a cell of ${named.join(' and ')}.`)];
}

/**
 * Warns of codes that the query names and nothing in the answer has. Of keys that the answer is grouped by,
 * these are codes without a row. Of other own keys, they are codes that the editions among the reports do not
 * print. Of years, they are those without a report.
 */
function withoutData(
  aggregate: Aggregate,
  query: AggregateQuery,
  { figures, groupBy }: Selection,
  { editions, reports, years, refined }: Pick<Summed, 'editions' | 'reports' | 'years' | 'refined'>,
  rows: readonly Row[],
): Warning[] {
  if (figures.length === 0) return noSuchCell(aggregate, query);
  if (reports === 0) return nothingMatches(query);
  const onThem = editionsOf({ editions });
  const printed = figures.filter((figure) => figure.editions.some((edition) => onThem.has(edition)));
  const isLeftOut = (key: string, code: unknown) =>
    key in aggregate.keys && !figures.some(({ keys }) => keys[key] === code);
  const keys = [...new Set([...groupBy, ...Object.keys(aggregate.keys), 'year'])];
  // Rows that are left after refinement do not tell which codes the others have.
  const told = keys.filter((key) => !refined || key === 'year' || !groupBy.includes(key));
  const absent = warnOfAbsent(query, told, (key) => {
    const leftOut = asked(key, query).filter((code) => isLeftOut(key, code));
    if (groupBy.includes(key) && !refined) return [...leftOut, ...rows.map((row) => row[key])];
    return key === 'year' ? years : [...leftOut, ...printed.map(({ keys }) => keys[key])];
  });
  const leftOut = Object.keys(aggregate.keys).flatMap((key) => {
    const codes = [...new Set(asked(key, query))].filter((code) => isLeftOut(key, code));
    return codes.length === 0 ? [] : [`${key}=${listed(codes)}`];
  });
  const named = leftOut.join(' and ');
  return leftOut.length === 0
    ? absent
    : [
        ...absent,
        warning('code-without-data', `No cell of ${named} is among those that other filters leave.`),
      ];
}

/**
 * Warns where rows are ordered or left out by values in several units, among sums of cells that these
 * editions print.
 */
export function unitsDiffer(
  refinement: Refinement,
  { sums }: Selection,
  editions: ReadonlySet<string>,
): Warning[] {
  const isOfUnit = (text: string) => /^-?(value|change)\b/.test(text);
  const orders = ordersOf(refinement);
  const compared = orders.findIndex(isOfUnit);
  // Rows that differ in an order before that one are not compared by their values.
  const keys = (refinement.having ?? []).some(isOfUnit)
    ? []
    : compared < 0
      ? undefined
      : orders.slice(0, compared).map((text) => readOrder(text).member);
  const units = keys === undefined ? [] : unitsOf(mixedUnits(sums, keys, editions));
  return units.length === 0
    ? []
    : [
        warning(
          'units-differ',
          `Values in ${units.join(', ')} are compared as numbers alone, whatever their unit.`,
        ),
      ];
}

/**
 * What to know before the sums of an answer are used. `rows` are those that were added up, whatever a
 * refinement leaves out afterwards.
 */
export function warningsOf(
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  summed: Pick<Summed, 'editions' | 'editionsBefore' | 'reports' | 'years' | 'refined' | 'overlapping'>,
  rows: readonly Row[],
): Warning[] {
  const unknown = aggregate.hasUnits ? rows.reduce((sum, cell) => sum + Number(cell.unit_unknown), 0) : 0;
  return [
    ...rowsDiffer(aggregate, query, selection, editionsOf(summed)),
    ...withoutData(aggregate, query, selection, summed, rows),
    ...(summed.overlapping > 0
      ? [
          warning(
            'groups-overlap',
            `${counted(summed.overlapping, 'report is', 'reports are')} also part of consolidated reports in other groups: do not add the groups up.`,
          ),
        ]
      : []),
    ...(unknown > 0
      ? [
          warning(
            'unit-unknown',
            `${counted(unknown, 'amount without a unit was', 'amounts without a unit were')} not added.`,
          ),
        ]
      : []),
  ];
}
