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
/** Titles with a year are looked for among this many lines, since a site may put long menus above them. */
const deepestDated = 400;
/** A title without a year stands among this many filled lines at the top. Further down the same words are narrative. */
const deepestUndated = 40;
const longestYearLine = 12;
/** How many lines a title may be spread over. */
const mostTitleLines = 3;
const chineseDigits = '〇一二三四五六七八九';

const titleWords = /信息公开.*(?:报告|年报)/;
/** What stands in sentences and in the path to a page (首页 > 年报), and in no title. */
const noTitle = /[。；！>›»＞]/;
/** What stands in no name above a title. */
const noName = /[。；！：:，,、>›»＞]|首页|网站|打印|字体|字号|返回|位置/;

const isShort = (line: Line) => line.raw.length <= longestTitle && filledCells(line).length === 1;

/**
 * The years that a text names, each once: before 年 or 政府信息公开, or alone in brackets, in digits or Chinese
 * numerals.
 */
function yearsIn(text: string): number[] {
  const digits = folding(text).replace(/[〇○零一二三四五六七八九]{4}(?=年)/g, (found) =>
    [...found.replace(/[○零]/g, '〇')].map((digit) => chineseDigits.indexOf(digit)).join(''),
  );
  const found = digits.matchAll(
    /(?<!\d)(?:19|20)\d{2}(?=年|政[府务]信息公开)|(?<=[(])(?:19|20)\d{2}(?=[)])/g,
  );
  return [...new Set([...found].map(([year]) => Number(year)))];
}

const organPattern =
  /^(?:关于)?(.*?)(?:关于)?(?:(?:19|20)\d{2}|[〇○零一二三四五六七八九]{4})年?度?(?:关于)?(.*?)(?:关于)?(?:政府|政务)?信息公开/;

/** The organ that a title names: before the year, or else between the year and the matter. */
function organIn(title: string): string | null {
  const found = organPattern.exec(title);
  return found?.[1] || found?.[2] || null;
}

const textOf = (lines: readonly Line[]) => lines.map((line) => filledCells(line).join('')).join('');

/** What may be a title: lines that speak of the annual report together, with the years that they name. */
interface Candidate {
  lines: readonly Line[];
  years: number[];
  /** A line below that names the year where the title does not. */
  yearLine?: Line;
}

/** Every title among the lines, each on one line; or else the first that is spread over several. */
function titlesIn(filled: readonly Line[]): Candidate[] {
  const isPart = (line: Line | undefined) => line !== undefined && isShort(line) && !noTitle.test(line.raw);
  const isTitle = (lines: readonly Line[]) => {
    const text = textOf(lines);
    return text.length <= longestTitle && titleWords.test(folding(text));
  };
  const candidateAt = (at: number, height: number): Candidate => {
    const lines = filled.slice(at, at + height);
    const years = yearsIn(textOf(lines));
    const after = filled[at + height];
    const below = years.length === 0 && isPart(after) && after!.raw.trim().length <= longestYearLine;
    const yearsBelow = below ? yearsIn(after!.raw) : [];
    return yearsBelow.length > 0 ? { lines, years: yearsBelow, yearLine: after! } : { lines, years };
  };
  const alone = filled.keys().filter((at) => isPart(filled[at]) && isTitle([filled[at]!]));
  const found = [...alone].map((at) => candidateAt(at, 1));
  if (found.length > 0) return found;
  for (let at = 0; at < Math.min(filled.length, deepestUndated); at++)
    for (
      let height = 2;
      height <= mostTitleLines && isPart(filled[at + height - 1]) && isPart(filled[at]);
      height++
    )
      if (isTitle(filled.slice(at, at + height))) return [candidateAt(at, height)];
  return [];
}

/** Finds the title among the first lines: one that speaks of the annual report, with the year in it or below it. */
export function readTitle(lines: readonly Line[]): Title {
  const filled = lines.slice(0, deepestDated).filter((line) => !line.blank);
  const titles = titlesIn(filled);
  const top = new Set(filled.slice(0, deepestUndated));
  const found =
    titles.find(({ years }) => years.length > 0) ?? titles.find((each) => top.has(each.lines[0]!));
  if (!found) return { text: null, organ_name: null, years: [], line: undefined, lines: new Set() };
  const [first] = found.lines as [Line];
  const own = organIn(folding(textOf(found.lines)));
  const before = filled[filled.indexOf(first) - 1];
  const isName = own === null && before !== undefined && isShort(before) && !noName.test(before.raw);
  const taken = [...(isName ? [before] : []), ...found.lines, ...(found.yearLine ? [found.yearLine] : [])];
  return {
    text: textOf(taken),
    organ_name: own ?? organIn(folding(textOf(taken))),
    // Other titles may be of other reports, in a list or a menu. Their years are added, so that several years show
    // that nobody can say which report this is.
    years: [...new Set(titles.flatMap(({ years }) => years))],
    line: first,
    lines: new Set(taken),
  };
}
