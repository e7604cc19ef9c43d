import type { RequestStatisticsRow, ReviewLitigationCountsRow } from '../../src/editions/figures.ts';
import { editionByKey, editionOfYear } from '../../src/editions/index.ts';
import { applicantKeys, outcomeKeys, proceedingKeys } from '../../src/editions/vocabulary.ts';
import type { NewReport } from '../../src/reports/document-schemas.ts';

/** Whole numbers from 0 to below `bound`, the same ones for the same seed (mulberry32). */
export function numbers(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

type Counts = Record<string, number>;
const applicantParts = applicantKeys.filter((applicant) => applicant !== 'total');
const plus = (a: Counts, b: Counts): Counts =>
  Object.fromEntries(applicantParts.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
const notLeaves = ['new_received', 'carried_in', 'handled_total', 'carried_out'];

/**
 * A report as a county organ files it: every cell of its year's form, sums that agree, most cells small, a narrative of
 * a page. The same organ, year and seed give the same report.
 */
export function generateReport(organ_id: string, year: number, seed: number): NewReport {
  const below = numbers(seed * 2_654_435_761 + year);
  const edition = editionByKey(editionOfYear(year));
  const few = () => (below(4) === 0 ? below(30) : 0);
  const someone = (): Counts => Object.fromEntries(applicantParts.map((name) => [name, few()]));
  const leaves = edition.request_statistics
    .map(({ row }) => row)
    .filter((row) => !notLeaves.includes(row))
    .map((row) => [row, someone()] as const);
  const handled = leaves.reduce((sum, [, counts]) => plus(sum, counts), {});
  const carriedOut = someone();
  const all = plus(handled, carriedOut);
  const carriedIn = Object.fromEntries(applicantParts.map((name) => [name, Math.min(all[name]!, below(3))]));
  const received = Object.fromEntries(applicantParts.map((name) => [name, all[name]! - carriedIn[name]!]));
  const rows: readonly (readonly [string, Counts])[] = [
    ['new_received', received],
    ['carried_in', carriedIn],
    ...leaves,
    ['handled_total', handled],
    ['carried_out', carriedOut],
  ];
  return {
    organ_id,
    year,
    scope: 'own',
    title: `${year}年政府信息公开工作年度报告`,
    published_on: `${year + 1}-01-${10 + below(20)}`,
    source_url: `https://www.example.gov.cn/zfxxgk/${year}/${seed}.html`,
    overview: `${year}年，主动公开政府信息${below(900)}条。`.repeat(20),
    problems: '公开的内容还不够全面，对政策的解读有待加强。'.repeat(10),
    other_matters: '收取信息处理费0元。',
    disclosure_items: edition.disclosure_items.flatMap(({ item, measures }) =>
      measures.map(({ measure, unit }) => ({
        item,
        measure,
        // A county organ has no power to make them.
        value:
          item === 'regulations'
            ? 0
            : measure === 'amount'
              ? below(1_000_000) / 100
              : below(3) === 0
                ? below(500)
                : 0,
        unit,
      })),
    ),
    request_statistics: rows.map(([row, counts]) => ({
      row,
      ...counts,
      total: applicantParts.reduce((sum, name) => sum + counts[name]!, 0),
    })) as RequestStatisticsRow[],
    review_litigation_counts: proceedingKeys.map((proceeding) => {
      const parts = Object.fromEntries(
        outcomeKeys
          .filter((outcome) => outcome !== 'total')
          .map((outcome) => [outcome, below(5) === 0 ? below(4) : 0]),
      );
      return { proceeding, ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
    }) as ReviewLitigationCountsRow[],
    cell_notes: [],
  };
}
