import type { RevisionHead } from '../../src/reports/queries.ts';
import type { CountryOrgan } from './organs.ts';
import { type Below, chance, pick } from './random.ts';

/** The course of a report: whether it came at all, its revisions, and when each of them changed. */

/**
 * How many reports in a thousand that are owed end in each of these ways. The rest are published once and stay so.
 */
const ends = { missing: 30, draft: 6, submitted: 4, withdrawn: 5, corrected: 20 } as const;
export type End = keyof typeof ends | 'published';

export function drawEnd(below: Below): End {
  let draw = below(1000);
  for (const [end, share] of Object.entries(ends)) {
    draw -= share;
    if (draw < 0) return end as End;
  }
  return 'published';
}

/** The members of a revision that its course decides. */
export type Course = Omit<RevisionHead, 'id' | 'report_id' | 'title' | 'findings_summary'> & {
  effective_by: string | null;
};

const day = 86_400_000;
const hour = 3_600_000;
const by = 'admin';

const instant = (time: number) => new Date(time).toISOString();
/** The date in China, where the reports are published. */
const dateOf = (time: number) => instant(time + 8 * hour).slice(0, 10);

/**
 * The time of publication, in milliseconds since 1970. Departments publish in January, governments in February and
 * March; one in twelve is late.
 */
function publication(below: Below, { kind, level }: CountryOrgan, year: number): number {
  const isGovernment = kind === 'government' && level !== 'town';
  const [month, days] = isGovernment ? [1, 58] : [0, 27];
  const late = chance(below, 0.08) ? 1 + below(50) : 0;
  return Date.UTC(year + 1, month, 4 + below(days) + late, below(10), below(60), below(60), below(1000));
}

const reasons = [
  '更正依申请公开统计表中的总计。',
  '补充行政复议、行政诉讼数据。',
  '原件数据填报有误，重新核对后更正。',
  '更正文字表述。',
] as const;
const withdrawals = ['数据需重新核实，暂行撤回。', '机构合并，由新机构重新发布。'] as const;

/** The revisions of a report that comes to this end, oldest first. */
export function courseOf(below: Below, organ: CountryOrgan, year: number, end: End): Course[] {
  if (end === 'missing') return [];
  const effective = publication(below, organ, year);
  const submitted = effective - (1 + below(6)) * day - below(7) * hour;
  const created = submitted - (2 + below(12)) * day - below(5) * hour;
  const draft: Course = {
    number: 1,
    state: 'draft',
    reason: null,
    return_reason: null,
    withdraw_reason: null,
    published_on: null,
    created_at: instant(created),
    updated_at: instant(created + hour + below(20) * hour),
    submitted_at: null,
    submitted_by: null,
    effective_at: null,
    effective_by: null,
    ended_at: null,
  };
  if (end === 'draft') return [draft];
  const waiting: Course = {
    ...draft,
    state: 'submitted',
    published_on: dateOf(effective),
    updated_at: instant(submitted),
    submitted_at: instant(submitted),
    submitted_by: by,
  };
  if (end === 'submitted') return [waiting];
  const published: Course = {
    ...waiting,
    state: 'published',
    updated_at: instant(effective),
    effective_at: instant(effective),
    effective_by: by,
  };
  if (end === 'published') return [published];
  const ended = effective + (20 + below(150)) * day + below(5) * hour;
  const over = { updated_at: instant(ended), ended_at: instant(ended) };
  if (end === 'withdrawn')
    return [{ ...published, ...over, state: 'withdrawn', withdraw_reason: pick(below, withdrawals) }];
  const correction: Course = {
    ...published,
    number: 2,
    reason: pick(below, reasons),
    created_at: instant(ended - 3 * day),
    updated_at: instant(ended),
    submitted_at: instant(ended - day),
    effective_at: instant(ended),
  };
  return [{ ...published, ...over, state: 'superseded' }, correction];
}

/** How often a report was written to until it came to its end. */
export const writesTo: Record<End, number> = {
  missing: 0,
  draft: 1,
  submitted: 2,
  published: 3,
  withdrawn: 4,
  corrected: 6,
};
