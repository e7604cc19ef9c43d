import type { Label } from '../editions/edition.ts';
import { failed, notEvaluated } from './finding.ts';
import type { Finding, Rule, RuleHead } from './rule.ts';
import type { Operand, ReportCells } from './view.ts';
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

/** Sums of more parts than this are written without their zeros. */
const mostTerms = 3;
const rest = { zh: '其余', en: 'the rest' };

const figure = (value: number) => (value < 0 ? `(${value})` : String(value));

/** `a 1 + b 2 = 3` */
function sumText(terms: readonly Term[], language: keyof Label): string {
  const zeros = (each: Term, index: number) => each.value === 0 && index > 0;
  const shown = terms.length <= mostTerms ? terms : terms.filter((each, index) => !zeros(each, index));
  const text = shown
    .map(({ name, value, minus }, index) => {
      const sign = index === 0 ? '' : minus ? ' − ' : ' + ';
      return `${sign}${name[language]} ${figure(value!)}`;
    })
    .join('');
  if (terms.length === 1) return text;
  return `${text}${shown.length < terms.length ? ` + ${rest[language]} 0` : ''} = ${sumOf(terms)}`;
}

/** A side of the comparison as what is the case: `a is 1`, or the sum. */
const isText = (terms: readonly Term[], language: keyof Label): string =>
  terms.length === 1
    ? `${terms[0]!.name[language]}${language === 'zh' ? '为' : ' is'} ${terms[0]!.value}`
    : sumText(terms, language);

function messageOf({ where, actual, relation, expected }: Comparison): Label {
  const is = { zh: isText(actual, 'zh'), en: isText(actual, 'en') };
  const should = { zh: sumText(expected, 'zh'), en: sumText(expected, 'en') };
  if (relation === '=' && actual.length > 1)
    return {
      zh: `${where.zh}：${is.zh}，但${should.zh}，两者应当相等。`,
      en: `${where.en}: ${is.en}, but ${should.en}; the two should be equal.`,
    };
  if (relation === '=')
    return {
      zh: `${where.zh}：${isText(expected, 'zh')}，但${is.zh}，应为 ${sumOf(expected)}。`,
      en: `${where.en}: ${isText(expected, 'en')}, but ${is.en}; it should be ${sumOf(expected)}.`,
    };
  const [zh, en] = relation === '<=' ? ['不多于', 'at most'] : ['不少于', 'at least'];
  return {
    zh: `${where.zh}：${is.zh}，应${zh}${should.zh}。`,
    en: `${where.en}: ${is.en}; it should be ${en} ${should.en}.`,
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

/** The sum of the figures at the terms' cells; NaN where one is missing or a sum passes 2^53. */
function plainSum(terms: readonly Term[], values: ReportCells['values']): number {
  let sum = 0;
  for (const { cell, minus } of terms) {
    const value = values.get(cell);
    if (value === undefined || value === null) return Number.NaN;
    sum += minus ? -value : value;
    if (!Number.isSafeInteger(sum)) return Number.NaN;
  }
  return sum;
}

const holdsPlainly = {
  '=': (is: number, should: number) => is === should,
  '<=': (is: number, should: number) => is <= should,
  '>=': (is: number, should: number) => is >= should,
};

/**
 * A rule that is a comparison at every place it applies to. The places depend on the form alone and are found once for
 * each; a place that plainly holds, as most do, is left with two sums.
 */
export function comparisonRule(head: RuleHead, places: (report: ReportCells) => Iterable<Comparison>): Rule {
  const found = new WeakMap<ReportCells['form'], Comparison[]>();
  const placesOf = (report: ReportCells): Comparison[] => {
    const known = found.get(report.form) ?? [...places({ ...report, values: new Map() })];
    found.set(report.form, known);
    return known;
  };
  return {
    ...head,
    check: ({ report }) => {
      const filled = (terms: readonly Term[]) =>
        terms.map((term): Term => ({ ...term, value: report.values.get(term.cell) }));
      return placesOf(report).flatMap((place) => {
        const [is, should] = [plainSum(place.actual, report.values), plainSum(place.expected, report.values)];
        if (holdsPlainly[place.relation](is, should)) return [];
        return compare(head, { ...place, actual: filled(place.actual), expected: filled(place.expected) });
      });
    },
  };
}
