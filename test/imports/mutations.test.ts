import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { cellValues } from '../../src/editions/figures.ts';
import { editionByKey } from '../../src/editions/index.ts';
import { importText } from '../../src/imports/index.ts';
import { anyText } from '../support/any-text.ts';
import { countingPrint, printReport } from './layout-1.ts';
import { bare, bareAndPadded, bareBetweenPipes, bareWithoutFront, piped, printPage } from './page.ts';

const real = readFileSync(new URL('../../examples/shengli-2020.txt', import.meta.url), 'utf8');
const texts = [
  real,
  // Different figures in every cell, so that none can take another's place unseen.
  real.replace(
    /(?<=\t)0(?=[\t\n])/g,
    (() => {
      let next = 100;
      return () => String(next++);
    })(),
  ),
  printReport(editionByKey('2021'), editionByKey('2021'), countingPrint(), new Set([5, 14])).text,
  // Merged cells leave nothing behind.
  printPage(
    editionByKey('2021'),
    editionByKey('2021'),
    printReport(editionByKey('2021'), editionByKey('2021'), countingPrint()).raws,
    bare,
  ),
];
const figuresOf = (text: string) => {
  const { document } = importText(text);
  return document && [...cellValues(document)].map(([cell, value]) => `${cell}=${value}`).join();
};
const originals = texts.map(figuresOf);

t.test('the documents that are damaged are readable before', async (t) => {
  t.ok(originals.every((figures) => figures !== null));
});

/** The cell around a position, and whether it is a value or an empty cell of a line with tabs. */
function isInValueCell(text: string, at: number): boolean {
  const start = Math.max(text.lastIndexOf('\t', at - 1), text.lastIndexOf('\n', at - 1)) + 1;
  const end = text.slice(start).search(/[\t\n]|$/) + start;
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, `${text}\n`.indexOf('\n', at));
  return line.includes('\t') && /^\d*$/.test(text.slice(start, end));
}

/**
 * One damage to a text. `changesFigure`: a character that is no separator is put into, taken from or changed in a
 * value cell: then another figure is printed, and reading that figure is right.
 */
const damage = fc.record({
  kind: fc.constantFrom(
    'delete',
    'insert',
    'replace',
    'delete-line',
    'repeat-line',
    'swap-lines',
    'truncate',
  ),
  at: fc.nat({ max: 1_000_000 }),
  character: fc.constantFrom(
    '\t',
    '\t',
    '\n',
    '0',
    '7',
    '-',
    '/',
    ' ',
    '总',
    '、',
    '\u3000',
    '(',
    '\f',
    '\0',
    '\ud800',
  ),
});

function damaged(text: string, { kind, at, character }: { kind: string; at: number; character: string }) {
  const place = at % text.length;
  const lines = text.split('\n');
  const line = at % (lines.length - 1);
  const separators = /[\t\n\r]/;
  const inValue = isInValueCell(text, place);
  const old = text[place]!;
  switch (kind) {
    case 'delete':
      return {
        text: text.slice(0, place) + text.slice(place + 1),
        changesFigure: inValue && !separators.test(old),
      };
    case 'insert':
      return {
        text: text.slice(0, place) + character + text.slice(place),
        changesFigure: inValue && !separators.test(character),
      };
    case 'replace':
      return {
        text: text.slice(0, place) + character + text.slice(place + 1),
        // At either end of a row a digit may take the place of a separator, or give way to one: the row still has
        // all its values, and one of them is printed longer or shorter.
        changesFigure:
          inValue &&
          (separators.test(old) !== separators.test(character)
            ? separators.test(text[place + 1] ?? '\n') || text[place - 1] === '\n'
            : !separators.test(old)),
      };
    case 'delete-line':
      return { text: lines.toSpliced(line, 1).join('\n'), changesFigure: false };
    case 'repeat-line':
      return { text: lines.toSpliced(line, 0, lines[line]!).join('\n'), changesFigure: false };
    case 'swap-lines':
      return {
        text: lines.toSpliced(line, 2, lines[line + 1]!, lines[line]!).join('\n'),
        changesFigure: false,
      };
    default:
      return { text: text.slice(0, place), changesFigure: false };
  }
}

t.test('a damaged document is read with the same figures, or refused, never with others', async () => {
  let changed = 0;
  fc.assert(
    fc.property(fc.nat({ max: texts.length - 1 }), damage, (which, given) => {
      const { text, changesFigure } = damaged(texts[which]!, given);
      const { document, findings } = importText(text);
      if (document === null) {
        assert.ok(findings.some((finding) => finding.severity === 'error' && finding.message.zh !== ''));
        return;
      }
      if (changesFigure) {
        changed++;
        return;
      }
      // A text that ends within its last number shows it by what is missing after it.
      if (given.kind === 'truncate')
        assert.ok(
          figuresOf(text) === originals[which] ||
            findings.some(({ code }) => code === 'import.missing_section'),
        );
      else
        assert.equal(
          [...cellValues(document)].map(([cell, value]) => `${cell}=${value}`).join(),
          originals[which],
        );
    }),
    { numRuns: 1000 },
  );
  assert.ok(changed > 0);
});

/** Texts with pipes, and texts in which merged cells leave nothing behind. Every fifth cell is blank. */
const layouts = { piped, bare, bareBetweenPipes, bareWithoutFront, bareAndPadded };
const separated = Object.values(layouts).flatMap((style) =>
  (['2019', '2021'] as const).map((key) => {
    const edition = editionByKey(key);
    const { raws } = printReport(edition, edition, countingPrint());
    // At the end of a padded line, and at either end of one with pipes only between its cells, a blank is not sure.
    const isUnsure = (cell: string) =>
      (style === bareAndPadded && cell.endsWith('.total')) ||
      (style === bareWithoutFront && /^disclosure_|\.total$|\.upheld$/.test(cell));
    const blank = (cell: string) => (isUnsure(cell) ? '/' : '');
    const blanked = [...raws].map(
      ([cell, raw], index) => [cell, index % 5 === 0 ? blank(cell) : raw] as const,
    );
    return printPage(edition, edition, new Map(blanked), style);
  }),
);

t.test('a tab or pipe lost or added moves no figure', async (t) => {
  const readable = separated.map(figuresOf);
  t.ok(readable.every((figures) => figures !== null));
  let read = 0;
  fc.assert(
    fc.property(
      fc.nat({ max: separated.length - 1 }),
      fc.nat(),
      fc.constantFrom('', '||', '| |', '\t\t', '\t', '|', '｜', ' ', '\n'),
      (which, at, instead) => {
        const text = separated[which]!;
        const places = [...text.matchAll(/[|\t]/g)].map(({ index }) => index);
        const place = places[at % places.length]!;
        const figures = figuresOf(text.slice(0, place) + instead + text.slice(place + 1));
        if (figures === null) return;
        read++;
        assert.equal(figures, readable[which], JSON.stringify([which, at, instead]));
      },
    ),
    { numRuns: 2000 },
  );
  t.ok(read > 0, `${read} were read`);
});

t.test('two damages at once never throw', async () => {
  fc.assert(
    fc.property(fc.nat({ max: texts.length - 1 }), damage, damage, (which, first, second) => {
      const { text } = damaged(damaged(texts[which]!, first).text, second);
      importText(text);
    }),
    { numRuns: 300 },
  );
});

t.test('any string at all is answered', async () => {
  const words = fc.constantFrom(
    '信息内容',
    '规章',
    '自然人',
    '总计',
    '行政复议',
    '行政诉讼',
    '\t',
    '\n',
    '0',
    '第二十条第（一）项',
    '2020年政府信息公开工作年度报告',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        anyText(),
        fc.array(fc.oneof(words, fc.string()), { maxLength: 60 }).map((parts) => parts.join('')),
      ),
      (text) => {
        const { document, findings } = importText(text);
        assert.ok(document !== null || findings.some((finding) => finding.severity === 'error'));
      },
    ),
    { numRuns: 300 },
  );
});
