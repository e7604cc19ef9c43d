import type { Label } from '../editions/edition.ts';
import type { Table } from '../editions/figures.ts';
import type { Operand } from './view.ts';

/** Words that messages of several rules share. */

export const tableLabels: Record<Table, Label> = {
  disclosure_items: { zh: '二、主动公开政府信息情况', en: 'Section two, proactive disclosure' },
  request_statistics: { zh: '三、收到和处理政府信息公开申请情况', en: 'Section three, requests' },
  review_litigation_counts: {
    zh: '四、政府信息公开行政复议、行政诉讼情况',
    en: 'Section four, reviews and litigation',
  },
};

const inQuotes = new WeakMap<Label, Label>();

/**
 * A label in quotation marks; its own become inner ones. Labels of the form are quoted over and over, so the
 * quoted ones are kept.
 */
export function quoted(label: Label): Label {
  const known = inQuotes.get(label);
  if (known !== undefined) return known;
  const made = {
    zh: `“${label.zh.replaceAll('“', '‘').replaceAll('”', '’')}”`,
    en: `“${label.en}”`,
  };
  inQuotes.set(label, made);
  return made;
}

export const prefixed = (prefix: Label, { zh, en }: Label): Label => ({
  zh: prefix.zh + zh,
  en: prefix.en + en,
});

/** How many cells a message names. The finding's `cells` has them all. */
const mostNamed = 3;

function listed(operands: readonly Operand[], state: Label): Label {
  const named = operands.slice(0, mostNamed).map((each) => each.name);
  const zh = named.map((name) => name.zh).join('、');
  const en = named.map((name) => name.en).join(', ');
  const rest = operands.length - named.length;
  return rest === 0
    ? { zh: `${zh}${state.zh}`, en: `${en} ${operands.length === 1 ? 'is' : 'are'} ${state.en}` }
    : { zh: `${zh}等 ${operands.length} 格${state.zh}`, en: `${en} and ${rest} more are ${state.en}` };
}

/** Says which operands are blank and which are not captured at all. */
export function missingMessage(where: Label, operands: readonly Operand[]): Label {
  const blank = operands.filter(({ value }) => value === null);
  const absent = operands.filter(({ value }) => value === undefined);
  const parts = [
    ...(blank.length > 0 ? [listed(blank, { zh: '为空白', en: 'blank' })] : []),
    ...(absent.length > 0 ? [listed(absent, { zh: '未录入', en: 'not captured' })] : []),
  ];
  return {
    zh: `${where.zh}：${parts.map((part) => part.zh).join('，')}，无法核对。`,
    en: `${where.en}: ${parts.map((part) => part.en).join('; ')}, so this cannot be checked.`,
  };
}

/** The legal basis of a rule that the form itself states or implies: the table in these editions, and the reason. */
export function formBasis(sources: readonly string[], table: Table, reason: string): string {
  return `${sources.join('、')}附表“${tableLabels[table].zh}”：${reason}`;
}
