import type { Figures } from '../../src/editions/figures.ts';
import { taggedWith } from '../../src/http/answers.ts';
import type { Content, NaturalKey } from '../../src/reports/documents.ts';
import type { Revision } from '../../src/reports/queries.ts';
import { publicAnswer } from '../../src/reports/views.ts';
import { evaluate, summarise } from '../../src/rules/index.ts';
import { type Counts, received, results, width } from './counts.ts';
import { type Course, courseOf, type End, writesTo } from './course.ts';
import { drawEditions, drawFaults } from './faults.ts';
import { idOf } from './ids.ts';
import { narrativeOf } from './narrative.ts';
import type { CountryOrgan } from './organs.ts';
import { years } from './plan.ts';
import { printFigures } from './printing.ts';
import { type Below, chance } from './random.ts';

/** A report with all that the service keeps of it. */

export interface CountryReport {
  key: NaturalKey & { id: string };
  version: number;
  created_at: string;
  updated_at: string;
  revisions: CountryRevision[];
  answer: { revision_id: string; etag: string; body: string } | null;
  /** The effective figures, if any: the next year's findings compare with them. */
  effective: Figures | null;
}

export interface CountryRevision extends Revision {
  effective_by: string | null;
  /** The answers that say why its error findings stand, by key of the finding. */
  answers: ReadonlyMap<string, { text: string; answered_at: string; answered_by: string }>;
}

/**
 * How many numbers each organ has for reports, one for each scope of a year, and how many each report has for
 * revisions.
 */
const reportsOfOrgan = years.length * 2;
const revisionsOfReport = 2;

const sumOf = (counts: Counts, rows: readonly number[]) => {
  let sum = 0;
  for (const row of rows)
    for (let part = 0; part < width; part++) sum += counts.requests[row * width + part]!;
  return sum;
};

interface Filing {
  organ: CountryOrgan;
  organ_id: string;
  year: number;
  scope: Figures['scope'];
  end: Exclude<End, 'missing'>;
  counts: Counts;
  /** The effective figures of the year before. */
  previous: Figures | null;
  seed: number;
}

/** Draws how the report of these counts is printed, and gives it its course. */
export function makeReport(below: Below, filing: Filing): CountryReport {
  const { organ, organ_id, year, scope, end, counts, previous, seed } = filing;
  const number = organ.number * reportsOfOrgan + (year - years[0]) * 2 + (scope === 'own' ? 0 : 1);
  const key = { id: idOf('report', number, seed), organ_id, year, scope };
  const text = narrativeOf(below, organ, year, sumOf(counts, [received]), sumOf(counts, results));
  const editions = drawEditions(below, year);
  let answers: CountryRevision['answers'] = new Map();
  let effective: Figures | null = null;
  const revisions = courseOf(below, organ, year, end).map((course): CountryRevision => {
    const drawn = drawFaults(below, scope);
    // A revision that was corrected later was wrong: at least in one total.
    const faults = course.state === 'superseded' ? { ...drawn, rowTotal: true, partial: false } : drawn;
    const figures = printFigures(below, counts, { year, scope, editions }, faults);
    const findings = evaluate({ figures, organ, previous });
    const id = idOf('revision', number * revisionsOfReport + course.number - 1, seed);
    answers = answered(below, answers, findings, course);
    if (course.state === 'published') effective = figures;
    const { effective_by, ...head } = course;
    const { year: _, scope: __, ...tables } = figures;
    const content: Content = { ...text, ...tables, published_on: course.published_on };
    return {
      id,
      report_id: key.id,
      ...head,
      ...content,
      findings_summary: summarise(findings),
      effective_by,
      answers,
    };
  });
  return {
    key,
    version: writesTo[end],
    created_at: revisions[0]!.created_at,
    updated_at: revisions.at(-1)!.updated_at,
    revisions,
    answer: answerOf(key, revisions),
    effective,
  };
}

function answerOf(key: CountryReport['key'], revisions: CountryRevision[]): CountryReport['answer'] {
  const shown = revisions.find(({ state }) => state === 'published');
  if (shown === undefined) return null;
  const body = JSON.stringify(publicAnswer(key, revisions, shown));
  return { revision_id: shown.id, etag: taggedWith(body), body };
}

const explanations = ['原件如此。', '经核实，原件填报有误，按原件录入。', '统计口径不同，数据无误。'];

/**
 * The answers of a revision. Every error is answered before submission. A correction begins with the answers of the
 * revision that it corrects.
 */
function answered(
  below: Below,
  before: CountryRevision['answers'],
  findings: ReturnType<typeof evaluate>,
  { submitted_at, submitted_by }: Course,
): CountryRevision['answers'] {
  if (submitted_at === null) return before;
  const errors = findings.filter(({ status, severity }) => status === 'failed' && severity === 'error');
  const text = explanations[chance(below, 0.7) ? 0 : 1 + below(2)]!;
  const fresh = errors.map(({ finding_key }) => {
    const answer = { text, answered_at: submitted_at, answered_by: submitted_by! };
    return [finding_key, before.get(finding_key) ?? answer] as const;
  });
  return new Map([...before, ...fresh]);
}
