import type { Unit } from '../editions/edition.ts';
import { Problem } from '../http/problem.ts';
import type { Aggregate, FormFigure } from './aggregate.ts';
import type { Given } from './given.ts';
import { isOneYear } from './years.ts';

/** Which cells of the form a query adds up, and whether they may be added: decided from the form alone, never from data. */

export interface SelectionQuery {
  group_by?: readonly string[];
  year?: string[];
  [key: string]: unknown;
}

/** Figures that fall into the same sum, by the own keys that the answer is grouped by. */
export interface Sum {
  keys: Readonly<Record<string, string | null>>;
  /** The editions whose reports it adds up: one where the answer is grouped by edition. */
  editions: readonly string[];
  figures: FormFigure[];
}

/** The figures a query names, or means where it names none: see the descriptions of each aggregate. */
function chosenFigures(
  aggregate: Aggregate,
  query: SelectionQuery,
  grouped: ReadonlySet<string>,
): FormFigure[] {
  const { columnKey: total, coarser } = aggregate;
  const named = (key: string) => query[key] as readonly string[] | undefined;
  return aggregate.figures.filter(({ keys }) => {
    for (const key of Object.keys(aggregate.keys))
      if (named(key) && !named(key)!.includes(keys[key] ?? '')) return false;
    if (total && !grouped.has(total) && !named(total) && keys[total] !== 'total') return false;
    const finerChosen = coarser && (grouped.has(coarser.finer) || named(coarser.finer));
    return !(coarser && grouped.has(coarser.key) && !finerChosen && keys[coarser.key] === null);
  });
}

function sumsOf(aggregate: Aggregate, figures: readonly FormFigure[], grouped: ReadonlySet<string>): Sum[] {
  const own = Object.keys(aggregate.keys).filter((key) => grouped.has(key));
  const sums = new Map<string, Sum>();
  for (const figure of figures)
    for (const edition of grouped.has('edition') ? figure.editions : [null]) {
      const keys = Object.fromEntries(own.map((key) => [key, figure.keys[key] ?? null]));
      const name = JSON.stringify([edition, keys]);
      const sum = sums.get(name) ?? { keys, editions: edition === null ? [] : [edition], figures: [] };
      if (edition === null) sum.editions = [...new Set([...sum.editions, ...figure.editions])].sort();
      sum.figures.push(figure);
      sums.set(name, sum);
    }
  return [...sums.values()];
}

/** The address of a cell within its table. */
export const nameOf = ({ coarser }: Aggregate, { keys }: FormFigure) =>
  Object.keys(keys)
    .filter((key) => key !== coarser?.key)
    .map((key) => keys[key])
    .join('.');

export function refuse(
  code: 'not-additive' | 'not-comparable',
  detail: string,
  members?: Record<string, unknown>,
): never {
  throw new Problem(code, { detail, ...(members && { members }) });
}

/** Figures of several kinds: not comparable where the editions print different ones, otherwise only not additive. */
function refuseKinds(aggregate: Aggregate, { editions, figures }: Sum): never {
  const differing = aggregate.separates.filter(
    (key) => new Set(figures.map(({ keys }) => keys[key])).size > 1,
  );
  const joint = aggregate.coarser ? ' or ' : ' and ';
  const advice = `Add ${differing.map((key) => `\`${key}\``).join(joint)} to group_by, or choose one with ${differing.map((key) => `${key}=`).join(joint)}.`;
  const prints = (edition: string, kind: string) =>
    figures.some((each) => each.kind === kind && each.editions.some((one) => one === edition));
  const shared = (kind: string) => editions.every((edition) => prints(edition, kind));
  const different = figures.filter(({ kind }) => !shared(kind));
  if (different.length > 0) {
    // A measure that the editions share of another item is named with its item.
    const isAllOf = (measure: string) =>
      figures.every((figure) => figure.keys.measure !== measure || different.includes(figure));
    const named = ({ keys: { measure } }: FormFigure) => (measure && isAllOf(measure) ? measure : undefined);
    refuse(
      'not-comparable',
      `Editions ${editions.join(' and ')} do not share ${[...new Set(different.map((figure) => nameOf(aggregate, figure)))].join(', ')}. ${advice}`,
      { measures: [...new Set(different.map((figure) => named(figure) ?? nameOf(aggregate, figure)))] },
    );
  }
  const kinds = [...new Set(figures.map((figure) => figure.kind))];
  refuse('not-additive', `Figures of different kinds (${kinds.join(', ')}) do not add up. ${advice}`);
}

/** Refuses a sum that counts something twice or means nothing. */
function check(aggregate: Aggregate, sum: Sum, manyYears: boolean): void {
  const { figures } = sum;
  if (new Set(figures.map(({ kind }) => kind)).size > 1) refuseKinds(aggregate, sum);
  const { columnKey: total } = aggregate;
  const columns = total === undefined ? [] : figures.map((figure) => figure.keys[total]);
  if (columns.includes('total') && columns.some((column) => column !== 'total'))
    refuse(
      'not-additive',
      `${total}=total holds the other columns already. Choose the total or parts of it, or add \`${total}\` to group_by.`,
    );
  const stock = figures.filter((figure) => figure.stock);
  if (manyYears && stock.length > 0)
    refuse(
      'not-additive',
      `${[...new Set(stock.map((figure) => nameOf(aggregate, figure)))].slice(0, 5).join(', ')} cannot be added over years: what stands or is pending at the end of one year appears in the next. Add \`year\` to group_by, or choose one year.`,
    );
}

function checkAll(
  aggregate: Aggregate,
  sums: readonly Sum[],
  grouped: ReadonlySet<string>,
  query: SelectionQuery,
): void {
  const manyYears = !grouped.has('year') && !isOneYear(query.year);
  for (const sum of sums) check(aggregate, sum, manyYears);
}

/**
 * What the wholes of shares are: what is selected, added up over `key` as well. Refuses what would be no sum, with the same
 * problems as `select`.
 */
export function wholesOf(
  aggregate: Aggregate,
  query: SelectionQuery,
  { figures, groupBy }: Selection,
  key: string,
): Sum[] {
  const others = new Set(groupBy.filter((each) => each !== key));
  const wholes = sumsOf(aggregate, figures, others);
  try {
    checkAll(aggregate, wholes, others, query);
    return wholes;
  } catch (error) {
    if (!(error instanceof Problem) || error.statusCode !== 422) throw error;
    const [reason] = (error.options.detail ?? '').split(/[.] (?=Add |Choose )/);
    const detail = `A share over \`${key}\` is of the sum over it: ${reason}. Choose what adds up, or name another key last in group_by.`;
    throw new Problem(error.code, { ...error.options, detail });
  }
}

export interface Selection {
  /** Tells it from every other selection of every aggregate. */
  name: string;
  /** What to group by, in the order asked for, each once. */
  groupBy: string[];
  figures: FormFigure[];
  /** The columns of the fact table they are in; one null where the table has one column. */
  columns: (string | null)[];
  /** What is added up for each combination of the own keys. */
  sums: readonly Sum[];
  /** Whether a report has at most one row of the fact table in any sum, so that counting rows counts reports. */
  rowsAreReports: boolean;
  /** The unit of the sum with these own keys. */
  unitOf: (keys: Readonly<Record<string, unknown>>) => Unit | null;
  /** What a report must have for its numbers to count. */
  given?: readonly Given[];
}

/** The cells a query names, or means where it names none; whether they add up is not asked. */
export function choose(aggregate: Aggregate, query: SelectionQuery): Selection {
  const groupBy = [...new Set(query.group_by)];
  const grouped = new Set(groupBy);
  const figures = chosenFigures(aggregate, query, grouped);
  const sums = sumsOf(aggregate, figures, grouped);
  const own = Object.keys(aggregate.keys);
  const ofRow = own.filter((key) => grouped.has(key));
  return {
    name: JSON.stringify([aggregate.path, groupBy, own.map((key) => query[key] ?? null)]),
    groupBy,
    figures,
    sums,
    columns: [...new Set(figures.map(({ keys }) => keys[aggregate.columnKey ?? ''] ?? null))],
    rowsAreReports: sums.every(({ figures: added }) => {
      const rows = added.map(({ keys }) => aggregate.rowKeys.map((key) => keys[key]).join('.'));
      return new Set(rows).size === 1;
    }),
    unitOf: (keys) =>
      sums.find((sum) => ofRow.every((key) => sum.keys[key] === keys[key]))?.figures[0]?.unit ?? null,
  };
}

/**
 * The cells a query adds up. Problem `not-comparable` (422) where a sum would mix measures that the editions do not
 * share; `not-additive` (422) where it would mix figures of different kinds, a total with its parts, or a stock over years.
 */
export function select(aggregate: Aggregate, query: SelectionQuery): Selection {
  const selection = choose(aggregate, query);
  checkAll(aggregate, selection.sums, new Set(selection.groupBy), query);
  return selection;
}
