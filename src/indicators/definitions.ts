import { requestStatistics } from '../aggregates/request-statistics.ts';
import { reviewLitigationCounts } from '../aggregates/review-litigation-counts.ts';
import type { Group, Proceeding, Role } from '../editions/edition.ts';
import { outcomeParts, proceedingKeys } from '../editions/vocabulary.ts';
import type { Indicator, Term } from './indicator.ts';

/** Every indicator. A new one is an object here. */

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** The rows of a role, whatever an edition calls them. */
const rowsOf = (role: Role): string[] =>
  unique(requestStatistics.figures.filter(({ kind }) => kind === role).map(({ keys }) => keys.row!));

const rows = (...row: string[]): Term => ({ of: requestStatistics, cells: { row } });
const group = (...names: Group[]): Term => ({ of: requestStatistics, cells: { group: names } });
const cases = (proceeding: readonly Proceeding[], outcome: readonly string[]): Term => ({
  of: reviewLitigationCounts,
  cells: { proceeding, outcome },
});

const received = rows(...rowsOf('received'));
const handled = rows(...rowsOf('result_total'));
const carriedIn = rows(...rowsOf('carried_in'));
const carriedOut = rows(...rowsOf('carried_out'));

const review: Proceeding[] = ['review'];
const litigation = proceedingKeys.filter((proceeding) => proceeding !== 'review');
/** Outcomes of what has ended: all but `pending`. */
const ended = outcomeParts.filter((outcome) => outcome !== 'pending');

const ratio = { scale: 1, unit: { zh: '比率', en: 'ratio, 0 to 1' } } as const;
const perThousand = { scale: 1000, unit: { zh: '每千件', en: 'per 1,000 requests handled' } } as const;
const law = (articles: string) => `《中华人民共和国政府信息公开条例》（国务院令第711号）${articles}`;

export const indicators: readonly Indicator[] = [
  {
    code: 'disclosure_rate',
    label: { zh: '公开率', en: 'Disclosure rate' },
    definition: {
      zh: '予以公开与部分公开之和，占本年度办理结果总计的比例',
      en: 'Requests granted or partly granted, of all handled in the year',
    },
    numerator: [rows('granted', 'partly_granted')],
    denominator: [handled],
    ...ratio,
    legal_source: law('第三十六条、第三十七条、第五十条'),
  },
  {
    code: 'grant_rate',
    label: { zh: '予以公开率', en: 'Grant rate' },
    definition: {
      zh: '予以公开，占本年度办理结果总计的比例',
      en: 'Requests granted in full, of all handled in the year',
    },
    numerator: [rows('granted')],
    denominator: [handled],
    ...ratio,
    legal_source: law('第三十六条、第五十条'),
  },
  {
    code: 'refusal_rate',
    label: { zh: '不予公开率', en: 'Refusal rate' },
    definition: {
      zh: '不予公开各项之和，占本年度办理结果总计的比例',
      en: 'Requests refused on any ground, of all handled in the year',
    },
    numerator: [group('refused')],
    denominator: [handled],
    ...ratio,
    legal_source: law('第十四条至第十六条、第三十六条、第五十条'),
  },
  {
    code: 'unavailable_rate',
    label: { zh: '无法提供率', en: 'Unavailable rate' },
    definition: {
      zh: '无法提供各项之和，占本年度办理结果总计的比例',
      en: 'Requests for what the organ cannot provide, of all handled in the year',
    },
    numerator: [group('unavailable')],
    denominator: [handled],
    ...ratio,
    legal_source: law('第三十条、第三十六条、第三十八条、第五十条'),
  },
  {
    code: 'not_handled_rate',
    label: { zh: '不予处理率', en: 'Not-handled rate' },
    definition: {
      zh: '不予处理各项之和，占本年度办理结果总计的比例',
      en: 'Requests not handled as such, of all handled in the year',
    },
    numerator: [group('not_handled')],
    denominator: [handled],
    ...ratio,
    legal_source: law('第三十五条、第三十六条、第三十九条、第五十条'),
  },
  {
    code: 'other_handling_rate',
    label: { zh: '其他处理率', en: 'Other-handling rate' },
    definition: {
      zh: '其他处理（2019年版为一行，2021年版为三行），占本年度办理结果总计的比例',
      en: 'Requests handled otherwise (one row of edition 2019, three of 2021), of all handled in the year',
    },
    numerator: [group('other_handling')],
    denominator: [handled],
    ...ratio,
    legal_source: law('第三十条、第四十二条、第五十条'),
  },
  {
    code: 'carry_over_rate',
    label: { zh: '结转率', en: 'Carry-over rate' },
    definition: {
      zh: '结转下年度继续办理，占本年新收与上年结转之和的比例',
      en: 'Requests carried out to the next year, of those received and carried in',
    },
    numerator: [carriedOut],
    denominator: [received, carriedIn],
    ...ratio,
    legal_source: law('第三十三条、第五十条'),
  },
  {
    code: 'natural_person_rate',
    label: { zh: '自然人申请占比', en: 'Share of natural persons' },
    definition: {
      zh: '自然人提出的申请，占本年新收申请总计的比例',
      en: 'Requests of natural persons, of all newly received',
    },
    numerator: [{ ...received, cells: { ...received.cells, applicant: ['natural_person'] } }],
    denominator: [received],
    ...ratio,
    legal_source: law('第二十七条、第五十条'),
  },
  {
    code: 'review_correction_rate',
    label: { zh: '行政复议纠错率', en: 'Correction rate of administrative review' },
    definition: {
      zh: '行政复议结果纠正，占已审结（维持、纠正、其他结果）的比例',
      en: 'Reviews that corrected the organ, of those that ended',
    },
    numerator: [cases(review, ['corrected'])],
    denominator: [cases(review, ended)],
    ...ratio,
    legal_source: law('第五十条、第五十一条'),
  },
  {
    code: 'litigation_correction_rate',
    label: { zh: '行政诉讼纠错率', en: 'Correction rate of litigation' },
    definition: {
      zh: '行政诉讼（未经复议直接起诉与复议后起诉）结果纠正，占已审结的比例',
      en: 'Lawsuits, with or without prior review, that corrected the organ, of those that ended',
    },
    numerator: [cases(litigation, ['corrected'])],
    denominator: [cases(litigation, ended)],
    ...ratio,
    legal_source: law('第五十条、第五十一条'),
  },
  {
    code: 'reviews_per_thousand',
    label: { zh: '每千件申请的行政复议数', en: 'Reviews per 1,000 requests' },
    definition: {
      zh: '行政复议总计，比本年度办理结果总计，乘以一千',
      en: 'Administrative reviews, for every 1,000 requests handled in the year',
    },
    numerator: [cases(review, ['total'])],
    denominator: [handled],
    ...perThousand,
    legal_source: law('第五十条、第五十一条'),
  },
  {
    code: 'litigation_per_thousand',
    label: { zh: '每千件申请的行政诉讼数', en: 'Lawsuits per 1,000 requests' },
    definition: {
      zh: '行政诉讼（未经复议直接起诉与复议后起诉）总计，比本年度办理结果总计，乘以一千',
      en: 'Lawsuits, with or without prior review, for every 1,000 requests handled in the year',
    },
    numerator: [cases(litigation, ['total'])],
    denominator: [handled],
    ...perThousand,
    legal_source: law('第五十条、第五十一条'),
  },
];
