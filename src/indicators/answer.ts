import { type AggregateAnswer, type AnalystQuery, aboutSums } from '../aggregates/answer.ts';
import { dimensions } from '../aggregates/dimensions.ts';
import { inKeptState } from '../aggregates/from-rollups.ts';
import type { AggregateQuery } from '../aggregates/queries.ts';
import { refinementOf, type Shape } from '../aggregates/refine.ts';
import { planOf } from '../aggregates/rollup-plan.ts';
import { byKeys } from '../aggregates/sort.ts';
import { counted, type Warning } from '../aggregates/warnings.ts';
import { withYears, yearsBefore } from '../aggregates/years.ts';
import type { Db } from '../db/database.ts';
import type { Label } from '../editions/edition.ts';
import type { Row } from '../formats/format.ts';
import { yearsOf } from '../reports/filters.ts';
import type { KeptSums } from '../rollups/reader.ts';
import { chosen } from './chosen.ts';
import type { Indicator } from './indicator.ts';
import { type Part, type Sides, sumSides } from './sides.ts';
import { type WalkedSides, walkSides } from './walked-sides.ts';

/** Everything that can be asked of an indicator. */
interface IndicatorQuery extends AnalystQuery {
  /** Only reports that have a number on both sides. */
  both_sides?: boolean;
}

interface IndicatorAnswer extends AggregateAnswer {
  indicator: string;
}

/** The reasons why a quotient has no value. */
export const reasons = [
  { reason: 'denominator-absent', label: { zh: '分母未采集', en: 'The denominator was not captured' } },
  { reason: 'denominator-blank', label: { zh: '分母为空白', en: 'The denominator is blank' } },
  { reason: 'numerator-absent', label: { zh: '分子未采集', en: 'The numerator was not captured' } },
  { reason: 'numerator-blank', label: { zh: '分子为空白', en: 'The numerator is blank' } },
  { reason: 'no-common-report', label: { zh: '没有两者皆有的报告', en: 'No report has both' } },
  { reason: 'denominator-zero', label: { zh: '分母为零', en: 'The denominator is 0' } },
] as const satisfies readonly { reason: string; label: Label }[];

const numbers = [
  'numerator',
  'denominator',
  'value',
  'reports',
  'numerator_reports',
  'numerator_blank',
  'denominator_blank',
];

/** The computations that an indicator may have: a share of a quotient would mean nothing. */
export const computes = ['change', 'rank'];

/** The members of a row, and what orders rows. */
export const shapeOf = (groupBy: readonly string[], { both_sides = false }: IndicatorQuery = {}): Shape => ({
  groupBy,
  columns: [
    ...groupBy,
    ...(groupBy.includes('organ') ? ['organ_name'] : []),
    'numerator',
    'denominator',
    'value',
    'reason',
    'reports',
    'numerator_reports',
    ...(both_sides ? ['common_reports'] : []),
    'numerator_blank',
    'denominator_blank',
  ],
  numbers: both_sides ? [...numbers, 'common_reports'] : numbers,
  places: (member) => dimensions[member]?.values,
  computes,
  minus: (a, b) => a - b,
});

interface Quotient {
  value: number | null;
  reason: (typeof reasons)[number]['reason'] | null;
}

function quotient(over: Part | undefined, under: Part | undefined, scale: number): Quotient {
  const none = (reason: Quotient['reason']) => ({ value: null, reason });
  if (!under) return none('denominator-absent');
  if (!under.known) return none('denominator-blank');
  if (!over) return none('numerator-absent');
  if (!over.known) return none('numerator-blank');
  if (under.sum === null || over.sum === null) return none('no-common-report');
  if (under.sum === 0) return none('denominator-zero');
  return { value: (over.sum * scale) / under.sum, reason: null };
}

function rowOf(
  groupBy: readonly string[],
  scale: number,
  { numerator: over, denominator: under, common }: Sides['groups'][number],
): Row {
  const { row } = (under ?? over)!;
  return {
    ...Object.fromEntries(groupBy.map((key) => [key, row[key]!])),
    ...(groupBy.includes('organ') ? { organ_name: row.organ_name! } : {}),
    numerator: over?.sum ?? null,
    denominator: under?.sum ?? null,
    ...quotient(over, under, scale),
    reports: under?.row.reports ?? 0,
    numerator_reports: over?.row.reports ?? 0,
    ...(common !== undefined && { common_reports: common }),
    numerator_blank: over?.row.blank ?? 0,
    denominator_blank: under?.row.blank ?? 0,
  };
}

/** The rows of an answer: the quotient of each group. */
export const rowsOf = (groupBy: readonly string[], { scale }: Indicator, groups: Sides['groups']): Row[] =>
  groups.map((group) => rowOf(groupBy, scale, group));

/** Warns of what the sides pass over: blank cells, and reports without any cell. */
function warnOfGaps({ gaps }: Sides, bothSides: boolean): Warning[] {
  const passedOver = Object.entries(gaps).flatMap(([side, { blank, absent }]) => [
    ...(blank > 0 ? [counted(blank, `cell of the ${side} is blank`, `cells of the ${side} are blank`)] : []),
    ...(absent > 0 ? [`${counted(absent, 'report has', 'reports have')} no cell of the ${side}`] : []),
  ]);
  if (passedOver.length === 0) return [];
  const adding = bothSides
    ? 'A report without any number on one side counts on neither; of the others, blanks are passed over.'
    : 'Each side is added up without them; with `both_sides=true` a report without any number on one side counts on neither.';
  return [{ code: 'sides-incomplete', message: `${passedOver.join(', ')}. ${adding}` }];
}

/**
 * Answers an indicator for each group: the sum of its numerators over the sum of its denominators, never a mean of
 * quotients. Both sums are over the reports that are used. Problems `invalid-request` (400), `not-additive`,
 * `not-comparable` and `too-many-cells` (422).
 */
export async function answerIndicator(
  db: Db,
  indicator: Indicator,
  { both_sides = false, ...asked }: IndicatorQuery,
  kept: KeptSums | undefined,
): Promise<IndicatorAnswer> {
  const groupBy = [...new Set(asked.group_by)];
  const shape = shapeOf(groupBy, { both_sides });
  const refine = refinementOf(asked, shape);
  chosen(indicator.numerator, asked);
  const { of, selection } = chosen(indicator.denominator, asked);
  const query = await withYears(db, asked);
  // Which years are the last ones was read after the kept state, so a later state is needed.
  const present = query === asked ? kept : await kept?.later();
  const sidesOf = (years: AggregateQuery['year']) => {
    const ofYears = { ...query, ...(years && { year: years }) };
    return [chosen(indicator.numerator, ofYears), chosen(indicator.denominator, ofYears)] as const;
  };
  const earlier = asked.compute?.includes('change') ? yearsBefore(query.year) : [];
  const { before, computed, ...sides } = await (async (): Promise<WalkedSides> => {
    const pair = sidesOf(query.year);
    if (both_sides || !planOf(query, selection))
      return walkSides(db, pair, {
        scale: indicator.scale,
        bothSides: both_sides,
        refining: { refinement: asked, shape },
        kept: present?.register,
        earlier: yearsOf(earlier) ?? [],
      });
    return inKeptState(db, present, async (state, sums) => {
      const sides = await sumSides(state, pair, sums);
      if (earlier.length === 0) return { ...sides, before: [] };
      const { groups, denominator } = await sumSides(state, sidesOf(earlier), sums);
      return {
        ...sides,
        denominator: { ...sides.denominator, editionsBefore: denominator.editions },
        before: groups,
      };
    });
  })();
  const rows = rowsOf(groupBy, indicator, sides.groups);
  const about = await aboutSums(db, of, query, selection, { ...sides.denominator, cells: rows }, present);
  return {
    indicator: indicator.code,
    data: computed
      ? rows.map((row, place) => ({ ...row, ...computed[place] }))
      : refine(rows.sort(byKeys(groupBy, shape.places)), rowsOf(groupBy, indicator, before)),
    ...about,
    warnings: [...about.warnings, ...warnOfGaps(sides, both_sides)],
  };
}
