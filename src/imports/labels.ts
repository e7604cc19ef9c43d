import { folding } from './characters.ts';

const punctuation = /[()[\]{}<>〈〉《》「」『』【】〔〕〖〗"'“”‘’〝〞、,.。:;·・•]/g;

/** Plain labels of texts seen before: a form has some two hundred labels, and each is compared many times. */
const known = new Map<string, string>();
const mostKnown = 2000;
const longestKnown = 60;

/**
 * `plainLabel` for lines of text. It remembers nothing: lines come only once and would push the labels out of
 * `known`.
 */
export const plainText = (text: string) =>
  folding(text).replace(punctuation, '').replaceAll('其它', '其他').replaceAll('合计', '总计');

/**
 * What labels are compared by. Brackets, quotation marks and stops are removed, because reports print them in
 * any width or not at all. Digits, signs and slashes stay, so that a label run together with a figure is no
 * label.
 */
export function plainLabel(text: string): string {
  const before = known.get(text);
  if (before !== undefined) return before;
  const plain = plainText(text);
  if (text.length <= longestKnown) {
    if (known.size >= mostKnown) known.clear();
    known.set(text, plain);
  }
  return plain;
}

/** Other spellings seen in published reports; the first of each list stands for all. */
const synonyms: readonly (readonly string[])[] = [
  ['规范性文件', '行政规范性文件'],
  ['行政事业性收费', '行政事业型收费'],
  ['对外公开总数量', '对外公开总数'],
  ['本年增/减', '本年增减'],
  ['（六）其他处理', '（六）其他'],
];
const standing = new Map<string, string>();
for (const spellings of synonyms)
  for (const spelling of spellings) standing.set(plainLabel(spelling), plainLabel(spellings[0]!));

/** The key that an official label and its printed spellings have in common. */
export function labelKey(text: string): string {
  const plain = plainLabel(text);
  return standing.get(plain) ?? plain;
}

const remark = /[（(][^（）()]*[）)]$/;
const ordinal = /^(?:[（(][一二三四五六七八九十]+[）)]|[一二三四五六七八九十]+、|\d+[.、．])/;

/**
 * Looks labels up by their keys: as the form prints them, without a closing remark in brackets, and without
 * the ordinal where labels differ without it too. A label with a wrong ordinal is not found.
 */
export class LabelTable<T> {
  readonly #found = new Map<string, T>();
  /** The full keys and those without the remark, by which labels cut by a line break are recognised. */
  readonly keys: readonly string[];

  constructor(entries: Iterable<readonly [label: string, value: T]>) {
    const all = [...entries];
    const shorter = new Map<string, T | null>();
    for (const [label, value] of all) {
      this.#found.set(labelKey(label), value);
      const bare = label.replace(remark, '');
      if (bare !== '' && bare !== label) this.#found.set(labelKey(bare), value);
      for (const spelling of new Set([label, bare])) {
        const unnumbered = plainLabel(spelling.replace(ordinal, ''));
        if (spelling === '' || unnumbered === '') continue;
        const earlier = shorter.get(unnumbered);
        shorter.set(unnumbered, earlier === undefined || earlier === value ? value : null);
      }
    }
    this.keys = [...this.#found.keys()];
    for (const [key, value] of shorter)
      if (value !== null && !this.#found.has(key)) this.#found.set(key, value);
  }

  find(text: string): T | undefined {
    return this.#found.get(labelKey(text));
  }

  /** True when a longer label of the table begins with the text. */
  begins(text: string): boolean {
    const plain = plainLabel(text);
    return plain.length >= 2 && this.keys.some((key) => key.length > plain.length && key.startsWith(plain));
  }
}
