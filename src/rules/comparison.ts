import type { Label } from '../editions/edition.ts';
import { failed, isFigure, notEvaluated } from './finding.ts';
import type { Found, Rule, RuleHead } from './rule.ts';
import { type Operand, oncePerForms, type ReportCells, type View } from './view.ts';
import { missingMessage } from './wording.ts';

/**
 * An operand of a sum. `minus` means that it is subtracted, `previous` that it is in the report of the year
 * before.
 */
export interface Term extends Operand {
  minus?: true;
  previous?: true;
}

/** What a rule compares at one place: Σ actual ⋈ Σ expected, where ⋈ is `relation`. */
export interface Comparison {
  place: string;
  /** What a message calls the place. */
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

/** A sum as a number; null beyond 2^53, where it is no longer exact: no number is better than a wrong one. */
const asNumber = (sum: bigint): number | null => (Number.isSafeInteger(Number(sum)) ? Number(sum) : null);

/** The sum of counts, exact however many there are, because each is a safe integer. */
const sumOf = (terms: readonly Term[]): bigint =>
  terms.reduce((sum, { value, minus }) => sum + (minus ? -BigInt(value!) : BigInt(value!)), 0n);

/** Sums of more parts than this are written without their zeros. */
const mostTerms = 3;
const rest = { zh: '其余', en: 'the rest' };

const figure = (value: number) => (value < 0 ? `(${value})` : String(value));

/** A sum written out: `a 1 + b 2 = 3`. */
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

/** A side of the comparison as it is found: `a is 1`, or the sum written out. */
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

/**
 * The one finding of the place: `failed`, or `not_evaluated` where operands hold no figure. Nothing where the
 * comparison holds. An equation names the operands of `expected` first, an inequality those of `actual`.
 */
export function compare(rule: RuleHead, comparison: Comparison): Found[] {
  const { place, where, actual, relation, expected } = comparison;
  const operands = relation === '=' ? [...expected, ...actual] : [...actual, ...expected];
  const basis = comparison.legal_basis === undefined ? {} : { legal_basis: comparison.legal_basis };
  const missing = operands.filter((operand) => !isFigure(operand));
  if (missing.length > 0)
    return [notEvaluated(rule, { place, operands, message: () => missingMessage(where, missing), ...basis })];
  const [is, should] = [sumOf(actual), sumOf(expected)];
  if (relations[relation](is - should)) return [];
  return [
    failed(rule, {
      place,
      operands,
      message: () => messageOf(comparison),
      expected: asNumber(should),
      actual: asNumber(is),
      delta: asNumber(is - should),
      ...basis,
    }),
  ];
}

/** The two reports that a comparison reads: the one that is checked, and that of the year before. */
type Reports = Pick<View, 'report' | 'previous'>;

const reportOf = ({ previous }: Term, reports: Reports): ReportCells =>
  previous ? reports.previous! : reports.report;

/** The sum of the figures in the terms' cells; NaN where one is missing or a sum passes 2^53. */
function plainSum(terms: readonly Term[], reports: Reports): number {
  let sum = 0;
  for (const term of terms) {
    const value = reportOf(term, reports).values.get(term.cell);
    if (value === undefined || value === null) return Number.NaN;
    sum += term.minus ? -value : value;
    if (!Number.isSafeInteger(sum)) return Number.NaN;
  }
  return sum;
}

const holdsPlainly = {
  '=': (is: number, should: number) => is === should,
  '<=': (is: number, should: number) => is <= should,
  '>=': (is: number, should: number) => is >= should,
};

/** A term with the value of its cell. A term of the year before also gets its year, and its name says it. */
function filled(term: Term, reports: Reports): Term {
  const { values, figures } = reportOf(term, reports);
  const read = { ...term, value: values.get(term.cell) };
  if (!term.previous) return read;
  const { year } = figures;
  const { zh, en } = term.name;
  return { ...read, year, name: { zh: `${year} 年${zh}`, en: `${en} (${year})` } };
}

/** A place that was made for a blank form, with the values of its cells. */
function filledAt(place: Comparison, reports: Reports): Comparison {
  const fill = (terms: readonly Term[]) => terms.map((term) => filled(term, reports));
  return { ...place, actual: fill(place.actual), expected: fill(place.expected) };
}

const brokenAt = (rule: RuleHead, place: Comparison, reports: Reports): Found => ({
  severity: rule.severity,
  status: 'failed',
  word: () => compare(rule, filledAt(place, reports))[0]!.word(),
});

/**
 * What is found at places that were made for blank forms. Where both sums are plain numbers, these decide
 * whether the comparison holds, and terms are filled in only once a finding is put into words.
 */
export function compareAt(rule: RuleHead, places: readonly Comparison[], reports: Reports): Found[] {
  const found: Found[] = [];
  for (const place of places) {
    const is = plainSum(place.actual, reports);
    const should = plainSum(place.expected, reports);
    if (holdsPlainly[place.relation](is, should)) continue;
    if (Number.isNaN(is) || Number.isNaN(should)) found.push(...compare(rule, filledAt(place, reports)));
    else found.push(brokenAt(rule, place, reports));
  }
  return found;
}

/** A rule that is a comparison at every place it applies to. The places depend on the form alone. */
export function comparisonRule(head: RuleHead, places: (report: ReportCells) => Iterable<Comparison>): Rule {
  const placesOf = oncePerForms((report) => [...places(report)]);
  return { ...head, check: (view) => compareAt(head, placesOf(view.report), view) };
}
