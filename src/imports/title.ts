import { folding } from './characters.ts';
import { filledCells, type Line } from './lines.ts';

/** What the title says. `lines` are the lines that it takes. */
export interface Title {
  text: string | null;
  organ_name: string | null;
  /** The years that it names, each once, in order. */
  years: number[];
  /** The line that speaks of the report. */
  line: Line | undefined;
  lines: ReadonlySet<Line>;
}

const longestTitle = 80;
/** A title stands among this many filled lines at the top. Further down, the same words are narrative. */
const deepestTitle = 40;
const chineseDigits = '〇一二三四五六七八九';

const titleWords = /信息公开.*(?:报告|年报)/;
const isShort = (line: Line) => line.raw.length <= longestTitle && filledCells(line).length === 1;

/** The years that a text names before 年, in digits or Chinese numerals, each once. */
function yearsIn(text: string): number[] {
  const digits = folding(text).replace(/[〇○零一二三四五六七八九]{4}(?=年)/g, (found) =>
    [...found.replace(/[○零]/g, '〇')].map((digit) => chineseDigits.indexOf(digit)).join(''),
  );
  return [
    ...new Set([...digits.matchAll(/(?<!\d)((?:19|20)\d{2})(?=年)/g)].map((found) => Number(found[1]))),
  ];
}

const organPattern =
  /^(?:关于)?(.*?)(?:关于)?(?:(?:19|20)\d{2}|[〇○零一二三四五六七八九]{4})年度?(?:关于)?(.*?)(?:关于)?(?:政府|政务)?信息公开/;

/** The organ that a title names: before the year, or else between the year and the matter. */
function organIn(title: string): string | null {
  const found = organPattern.exec(title);
  return found?.[1] || found?.[2] || null;
}

/** Finds the title among the first lines: one that speaks of the annual report, with the year in it or beside it. */
export function readTitle(lines: readonly Line[]): Title {
  const filled = lines
    .slice(0, 400)
    .filter((line) => !line.blank)
    .slice(0, deepestTitle);
  const isTitle = (line: Line) =>
    isShort(line) && titleWords.test(folding(line.raw)) && !/[。；！]/.test(line.raw);
  const at = filled.findIndex(isTitle);
  if (at < 0) return { text: null, organ_name: null, years: [], line: undefined, lines: new Set() };
  const line = filled[at]!;
  const taken = [line];
  const before = filled[at - 1];
  const after = filled[at + 1];
  const isName = before !== undefined && isShort(before) && !/[。；！：:，,、]/.test(before.raw);
  if (isName) taken.unshift(before);
  // The first title may be that of another report, in a list or a menu above the real one. The years of later
  // titles are added, so that several years show that nobody can say which report this is.
  const others = filled.slice(at + 1).filter(isTitle);
  let years = [...new Set(yearsIn([...taken, ...others].map((part) => part.raw).join('')))];
  if (years.length === 0 && after !== undefined && isShort(after) && after.raw.trim().length <= 12) {
    years = yearsIn(after.raw);
    if (years.length > 0) taken.push(after);
  }
  const own = organIn(folding(line.raw));
  const joined = organIn(folding(taken.map((part) => part.raw).join('')));
  return {
    text: taken.map((part) => filledCells(part).join('')).join(''),
    organ_name: own ?? joined,
    years,
    line,
    lines: new Set(taken),
  };
}
