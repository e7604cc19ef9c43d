import { plainText } from './labels.ts';

/** The six parts of a report. Titles vary and numbering restarts, so headings are recognised by their words. */
export type Section =
  | 'overview'
  | 'disclosure_items'
  | 'request_statistics'
  | 'review_litigation_counts'
  | 'problems'
  | 'other_matters';

/**
 * The words of each heading: `numbered` where a top-level numeral stands before it, `alone` where none does.
 * They are tried in this order, because section four also speaks of requests, and section three of
 * disclosure.
 */
const words: readonly { section: Section; numbered: RegExp; alone: RegExp }[] = [
  {
    section: 'review_litigation_counts',
    numbered: /复议|诉讼/,
    alone: /^(?:因|被)?政府信息公开.{0,20}(?:复议|诉讼).{0,8}情况$/,
  },
  {
    section: 'request_statistics',
    numbered: /申请/,
    alone: /^(?:本年度?)?收到和处理.{0,20}申请.{0,8}情况$/,
  },
  {
    section: 'disclosure_items',
    numbered: /主动公开/,
    alone: /^(?:行政机关)?主动公开政府信息.{0,4}情况$/,
  },
  {
    section: 'problems',
    numbered: /问题|不足|改进|整改/,
    alone: /^(?:政府信息公开工作)?存在的?(?:主要)?问题.{0,12}(?:情况|措施)$/,
  },
  {
    section: 'other_matters',
    numbered: /其[他它].*(?:需要|事项)|需要.*(?:报告|说明)/,
    alone: /^其[他它]需要(?:报告|说明)的(?:事项|情况)$/,
  },
  { section: 'overview', numbered: /总体|概述|概况|基本情况/, alone: /^(?:总体|基本)情况$/ },
];

const longestHeading = 60;
/** Brackets and Arabic digits number what stands inside a section, so they open no section. */
const topLevel =
  /^(?:[一二三四五六七八九十]{1,3}\s*[、.．，,]|第[一二三四五六七八九十]{1,3}(?:部分|章)[、.．，,\s]*)/;

/**
 * The section that a line opens, and the text that follows a colon on the same line; undefined where it opens
 * none.
 */
export function headingOf(text: string): { section: Section; rest: string } | undefined {
  const colon = text.slice(0, longestHeading + 1).search(/[:：]/);
  const title = colon < 0 ? text : text.slice(0, colon);
  if (title.length > longestHeading || /[。！？；]/.test(title)) return undefined;
  const bare = title.normalize('NFKC').trim();
  const unnumbered = bare.replace(topLevel, '');
  const plain = plainText(unnumbered);
  const found = words.find(({ numbered, alone }) => (unnumbered === bare ? alone : numbered).test(plain));
  if (found === undefined) return undefined;
  return { section: found.section, rest: colon < 0 ? '' : text.slice(colon + 1).trim() };
}
