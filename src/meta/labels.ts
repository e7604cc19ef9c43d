import { applicants, type Label, outcomes, proceedings } from '../editions/edition.ts';
import { editionKeys, editions } from '../editions/index.ts';
import { organKinds, organLevels, scopes } from '../editions/vocabulary.ts';

/** What keys and codes are called: the official Chinese wording and its translation. */

/** Every key that an answer can be grouped by. */
export const keyLabels: Readonly<Record<string, Label>> = {
  year: { zh: '年度', en: 'Year' },
  edition: { zh: '表式版本', en: 'Edition' },
  disclosure_edition: { zh: '主动公开表式版本', en: 'Edition of section two' },
  request_edition: { zh: '申请处理表式版本', en: 'Edition of section three' },
  scope: { zh: '统计口径', en: 'Scope' },
  state: { zh: '状态', en: 'State' },
  published_month: { zh: '公布月份', en: 'Month of publication' },
  province: { zh: '省级行政区', en: 'Province' },
  city: { zh: '地级行政区', en: 'City' },
  county: { zh: '县级行政区', en: 'County' },
  level: { zh: '机关层级', en: 'Level of government' },
  kind: { zh: '机关类型', en: 'Kind of organ' },
  organ: { zh: '行政机关', en: 'Organ' },
  item: { zh: '信息内容', en: 'Item' },
  measure: { zh: '指标', en: 'Measure' },
  row: { zh: '办理情况', en: 'Row' },
  group: { zh: '办理结果类别', en: 'Group of rows' },
  applicant: { zh: '申请人情况', en: 'Applicant' },
  proceeding: { zh: '救济途径', en: 'Proceeding' },
  outcome: { zh: '结果', en: 'Outcome' },
};

type Labelled<Name extends string> = Readonly<Record<Name, string>> & { label: Label };

/** Where several editions print a key, the words of the newest. */
const byKey = <Name extends string>(name: Name, entries: readonly Labelled<Name>[]) =>
  new Map<string, Label>(entries.map((entry) => [entry[name], entry.label]));

const ofEditions = new Map(
  editionKeys.map((key): [string, Label] => [key, { zh: `${key}年版`, en: `Edition of ${key}` }]),
);
const items = editions.flatMap((edition) => edition.disclosure_items);

const labels: Readonly<Record<string, ReadonlyMap<string, Label>>> = {
  edition: ofEditions,
  disclosure_edition: ofEditions,
  request_edition: ofEditions,
  scope: byKey('scope', scopes),
  state: new Map([
    ['draft', { zh: '草稿', en: 'Draft' }],
    ['submitted', { zh: '已提交', en: 'Submitted' }],
    ['published', { zh: '已发布', en: 'Published' }],
    ['withdrawn', { zh: '已撤回', en: 'Withdrawn' }],
  ]),
  level: byKey('level', organLevels),
  kind: byKey('kind', organKinds),
  item: byKey('item', items),
  row: byKey(
    'row',
    editions.flatMap((edition) => edition.request_statistics),
  ),
  group: byKey(
    'group',
    editions.flatMap((edition) => edition.request_groups),
  ),
  applicant: byKey('applicant', applicants),
  proceeding: byKey('proceeding', proceedings),
  outcome: byKey('outcome', outcomes),
};

/** The label of a code under a key; of a measure that of the item in `keys`, where one is. */
export function codeLabel(key: string, code: string, keys: Readonly<Record<string, unknown>>): Label {
  if (key !== 'measure') return labels[key]!.get(code)!;
  const printing = items.filter(({ item }) => keys.item === undefined || keys.item === item);
  return printing.flatMap(({ measures }) => measures).findLast(({ measure }) => measure === code)!.label;
}
