import type { Aggregate, FormFigure } from './aggregate.ts';
import type { Refusal } from './refusal.ts';
import type { SelectionQuery, Sum } from './selection.ts';
import { isOneYear } from './years.ts';

/** Decides whether figures may be added: from the form alone, never from data. */

/** Why figures do not add up: they differ in kind, are a total and its parts, or are stocks of several years. */
type Obstacle = 'kinds' | 'total' | 'stock';

/** What keeps a sum from adding up, and the figures that do so. */
interface Found {
  obstacle: Obstacle;
  code: Refusal['code'];
  sum: Sum;
  figures: readonly FormFigure[];
}

/** What would make a sum count something twice or mean nothing. */
function obstaclesIn(aggregate: Aggregate, sum: Sum, manyYears: boolean): Found[] {
  const { editions, figures } = sum;
  const found: Found[] = [];
  const find = (obstacle: Obstacle, of: readonly FormFigure[], code: Refusal['code'] = 'not-additive') =>
    found.push({ obstacle, code, sum, figures: of });
  if (figures.some(({ kind }) => kind !== figures[0]!.kind)) {
    // `not-comparable` where some editions do not print all of the kinds, otherwise only `not-additive`.
    const prints = (edition: string, kind: string) =>
      figures.some((each) => each.kind === kind && each.editions.some((one) => one === edition));
    const different = figures.filter(({ kind }) => !editions.every((edition) => prints(edition, kind)));
    if (different.length > 0) find('kinds', different, 'not-comparable');
    else find('kinds', figures);
  }
  const { columnKey } = aggregate;
  const isTotal = ({ keys }: FormFigure) => columnKey !== undefined && keys[columnKey] === 'total';
  if (figures.some(isTotal) && !figures.every(isTotal)) find('total', figures);
  const stock = figures.filter((figure) => figure.stock);
  if (manyYears && stock.length > 0) find('stock', stock);
  return found;
}

/** The refusal of sums that have the same obstacle. The first of them decides its code. */
function refusalFor(aggregate: Aggregate, query: SelectionQuery, all: readonly Found[]): Refusal {
  const { obstacle, code } = all[0]!;
  const found = all.filter((each) => each.code === code);
  const figures = found.flatMap((each) => each.figures);
  const rows = [...new Set(figures.map(({ row }) => row))];
  const { columnKey, coarser, separates } = aggregate;
  if (obstacle === 'total')
    return {
      code,
      members: [columnKey!],
      reason: `${columnKey}=total holds the other columns already`,
      advice: `Choose the total or parts of it, or add \`${columnKey}\` to group_by.`,
    };
  if (obstacle === 'stock')
    return {
      code,
      members: ['year'],
      reason: `${rows.slice(0, 5).join(', ')} cannot be added over years: what stands or is pending at the end of one year appears in the next`,
      advice: 'Add `year` to group_by, or choose one year.',
    };
  const differ = (key: string, sum: Sum) => new Set(sum.figures.map(({ keys }) => keys[key])).size > 1;
  const keys = separates.filter((key) => all.some(({ sum }) => differ(key, sum)));
  // Of a coarser key and its finer one, either is enough to tell figures apart.
  const members = coarser ? [keys.find((key) => query[key]) ?? keys[0]!] : keys;
  const joint = coarser ? ' or ' : ' and ';
  const advice = `Add ${keys.map((key) => `\`${key}\``).join(joint)} to group_by, or choose one with ${keys.map((key) => `${key}=`).join(joint)}.`;
  if (code === 'not-comparable') {
    const editions = [...new Set(found.flatMap(({ sum }) => sum.editions))].sort();
    const reason = `Editions ${editions.join(' and ')} do not share ${rows.join(', ')}`;
    return { code, members, reason, advice, measures: rows };
  }
  const kinds = [...new Set(figures.map(({ kind }) => kind))];
  return { code, members, reason: `Figures of different kinds (${kinds.join(', ')}) do not add up`, advice };
}

/** Why these sums are refused, by obstacle; empty where all of them add up. */
export function refusalsOf(
  aggregate: Aggregate,
  query: SelectionQuery,
  sums: readonly Sum[],
  groupBy: readonly string[],
): Map<Obstacle, Refusal> {
  const manyYears = !groupBy.includes('year') && !isOneYear(query.year);
  const found = sums.flatMap((sum) => obstaclesIn(aggregate, sum, manyYears));
  const refusals = [...Map.groupBy(found, ({ obstacle }) => obstacle)].map(
    ([obstacle, alike]) => [obstacle, refusalFor(aggregate, query, alike)] as const,
  );
  return new Map(refusals);
}
