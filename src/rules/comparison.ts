import type { Label } from '../editions/edition.ts';
import { failed, notEvaluated } from './finding.ts';
import type { Finding, Rule, RuleHead } from './rule.ts';
import type { Operand, View } from './view.ts';
import { missingMessage } from './wording.ts';

/** An operand of a sum; `minus` where it is taken away. */
export interface Term extends Operand {
  minus?: true;
}

/** What a rule compares at one place: Σ actual ⋈ Σ expected. */
export interface Comparison {
  place: string;
  /** How a message calls the place. */
  where: Label;
  actual: readonly Term[];
  relation: '=' | '<=' | '>=';
  expected: readonly Term[];
  legal_basis?: string;
}

const relations = {
  '=': (delta: bigint) => delta === 0n,
  '<=': (delta: bigint) => delta <= 0n,
  '>=': (delta: bigint) => delta >= 0n,
};

/** A sum of counts beyond 2^53 is no longer exact as a number: no number is better than a wrong one. */
const asNumber = (sum: bigint): number | null => (Number.isSafeInteger(Number(sum)) ? Number(sum) : null);

/** Counts only: each is a safe integer, and their sum is exact however many there are. */
const sumOf = (terms: readonly Term[]): bigint =>
  terms.reduce((sum, { value, minus }) => sum + (minus ? -BigInt(value!) : BigInt(value!)), 0n);

/** Sums of many parts are shown without their zeros. */
const mostTerms = 3;

function written(terms: readonly Term[], language: 'zh' | 'en'): string {
  const shown =
    terms.length <= mostTerms ? terms : terms.filter(({ value }, index) => value !== 0 || index === 0);
  const text = shown
    .map(({ name, value, minus }, index) => {
      const sign = index === 0 ? '' : minus ? ' − ' : ' + ';
      return `${sign}${name[language]} ${value! < 0 ? `(${value})` : value}`;
    })
    .join('');
  return terms.length === 1 ? text : `${text} = ${sumOf(terms)}`;
}

function messageOf({ where, actual, relation, expected }: Comparison): Label {
  const bound = sumOf(expected);
  const left = { zh: written(actual, 'zh'), en: written(actual, 'en') };
  const right = { zh: written(expected, 'zh'), en: written(expected, 'en') };
  if (relation === '=' && actual.length === 1)
    return {
      zh: `${where.zh}：${right.zh}，但${left.zh}，应为 ${bound}。`,
      en: `${where.en}: ${right.en}, but ${left.en}; it should be ${bound}.`,
    };
  if (relation === '=')
    return {
      zh: `${where.zh}：${left.zh}，但${right.zh}，两者应当相等。`,
      en: `${where.en}: ${left.en}, but ${right.en}; the two should be equal.`,
    };
  const [zh, en] = relation === '<=' ? (['不多于', 'at most'] as const) : (['不少于', 'at least'] as const);
  return {
    zh: `${where.zh}：${left.zh}，应${zh}${right.zh}。`,
    en: `${where.en}: ${left.en}, which should be ${en} ${right.en}.`,
  };
}

/** Nothing where the comparison holds; otherwise the one finding of the place. Operands come in the order given. */
export function compare(rule: RuleHead, comparison: Comparison): Finding[] {
  const { place, where, actual, relation, expected } = comparison;
  const operands = relation === '=' ? [...expected, ...actual] : [...actual, ...expected];
  const basis = comparison.legal_basis === undefined ? {} : { legal_basis: comparison.legal_basis };
  const missing = operands.filter(({ value }) => value === undefined || value === null);
  if (missing.length > 0)
    return [notEvaluated(rule, { place, operands, message: missingMessage(where, missing), ...basis })];
  const [is, should] = [sumOf(actual), sumOf(expected)];
  if (relations[relation](is - should)) return [];
  return [
    failed(rule, {
      place,
      operands,
      message: messageOf(comparison),
      expected: asNumber(should),
      actual: asNumber(is),
      delta: asNumber(is - should),
      ...basis,
    }),
  ];
}

/** A rule that is a comparison at every place it applies to. */
export const comparisonRule = (head: RuleHead, places: (view: View) => Iterable<Comparison>): Rule => ({
  ...head,
  check: (view) => [...places(view)].flatMap((comparison) => compare(head, comparison)),
});
