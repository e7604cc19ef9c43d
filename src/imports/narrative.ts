import { unreadableMark } from './characters.ts';
import { filledCells, type Line } from './lines.ts';

const ended = /[。！？；：.!?;:”"』」）)…]$/;
const opensPart = /^(?:[（(]?[一二三四五六七八九十\d]+[）)、.．]|第[一二三四五六七八九十]+)/;
/** Shorter lines without a stop at the end are headings or list items, not paragraphs that a page break cut. */
const longParagraph = 40;

/** Whether a paragraph that stops in mid-sentence goes on with the next line, after a page break. */
const goesOn = (last: string, length: number, next: string) =>
  !opensPart.test(next) && (/[、，,]$/.test(last) || (length >= longParagraph && !ended.test(last)));

/**
 * The paragraphs of some lines, separated by newlines; null where there are none. Everything but white space
 * and the marks of unreadable figures is kept.
 */
export function narrativeOf(lines: readonly (Line | string)[]): string | null {
  const paragraphs: string[][] = [];
  let length = 0;
  let last = '';
  for (const line of lines) {
    const words = typeof line === 'string' ? line : filledCells(line).join(' ');
    const text = words.replaceAll(unreadableMark, '').trim();
    if (text === '') continue;
    const open = paragraphs.at(-1);
    if (open !== undefined && goesOn(last, length, text)) {
      open.push(text);
      length += text.length;
    } else {
      paragraphs.push([text]);
      length = text.length;
    }
    last = text;
  }
  return paragraphs.length === 0 ? null : paragraphs.map((parts) => parts.join('')).join('\n');
}
