import { applicants, type Label, outcomes, proceedings } from '../editions/edition.ts';
import { editions } from '../editions/index.ts';
import { organKinds, organLevels, scopes } from '../editions/vocabulary.ts';

/** What keys and codes are called: the official Chinese wording and its translation. */

export interface Code {
  code: string;
  label: Label;
  /** The code of the next coarser key that it belongs to. */
  parent?: string | null;
}

/** Every key that an answer can be grouped by, in the order of the form, the report and its organ. */
export const keyLabels: Readonly<Record<string, Label>> = {
  year: { zh: '报告年度', en: 'Report year' },
  edition: { zh: '表式版本', en: 'Edition of the table' },
  disclosure_edition: { zh: '主动公开表式版本', en: 'Edition of section two' },
  request_edition: { zh: '依申请公开表式版本', en: 'Edition of section three' },
  scope: { zh: '统计范围', en: 'Scope' },
  state: { zh: '状态', en: 'State' },
  published_month: { zh: '发布月份', en: 'Month of publication' },
  province: { zh: '省级行政区', en: 'Province' },
  city: { zh: '地级行政区', en: 'City' },
  county: { zh: '县级行政区', en: 'County' },
  level: { zh: '机关级别', en: 'Level of the organ' },
  kind: { zh: '机关类型', en: 'Kind of the organ' },
  organ: { zh: '行政机关', en: 'Organ' },
  item: { zh: '信息内容', en: 'Item' },
  measure: { zh: '指标', en: 'Measure' },
  row: { zh: '项目', en: 'Row' },
  group: { zh: '办理结果类别', en: 'Group of results' },
  applicant: { zh: '申请人类型', en: 'Applicant' },
  proceeding: { zh: '程序', en: 'Proceeding' },
  outcome: { zh: '结果', en: 'Outcome' },
};

/** Each code once, as the first edition that has it calls it. */
const once = (codes: readonly Code[]): Code[] =>
  [...new Map(codes.toReversed().map((each) => [each.code, each])).values()].toReversed();

const editionCodes = editions.map(({ edition, source }) => ({
  code: edition,
  label: { zh: source, en: `Edition ${edition}` },
}));

/** The codes of keys that have a fixed list of them; in no particular order. */
export const codeLabels: Readonly<Record<string, readonly Code[]>> = {
  edition: editionCodes,
  disclosure_edition: editionCodes,
  request_edition: editionCodes,
  scope: scopes.map(({ scope: code, label }) => ({ code, label })),
  state: [
    { code: 'draft', label: { zh: '草稿', en: 'Draft' } },
    { code: 'submitted', label: { zh: '已提交', en: 'Submitted' } },
    { code: 'published', label: { zh: '已发布', en: 'Published' } },
    { code: 'withdrawn', label: { zh: '已撤回', en: 'Withdrawn' } },
  ],
  level: organLevels.map(({ level: code, label }) => ({ code, label })),
  kind: organKinds.map(({ kind: code, label }) => ({ code, label })),
  item: once(
    editions.flatMap((edition) => edition.disclosure_items.map(({ item: code, label }) => ({ code, label }))),
  ),
  measure: once(
    editions.flatMap((edition) =>
      edition.disclosure_items.flatMap(({ measures }) =>
        measures.map(({ measure: code, label }) => ({ code, label })),
      ),
    ),
  ),
  row: once(
    editions.flatMap((edition) =>
      edition.request_statistics.map(({ row: code, label }) => ({ code, label })),
    ),
  ),
  group: once(
    editions.flatMap((edition) => edition.request_groups.map(({ group: code, label }) => ({ code, label }))),
  ),
  applicant: applicants.map(({ applicant: code, label }) => ({ code, label })),
  proceeding: proceedings.map(({ proceeding: code, label }) => ({ code, label })),
  outcome: outcomes.map(({ outcome: code, label }) => ({ code, label })),
};
