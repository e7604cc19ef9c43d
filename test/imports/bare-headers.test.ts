import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { inFormOrder } from '../../src/editions/figures.ts';
import { editionByKey } from '../../src/editions/index.ts';
import { importText } from '../../src/imports/index.ts';
import { anyReport, countingPrint, printReport } from './layout-1.ts';
import { bare, bareAndPadded, bareBetweenPipes, bareWithoutFront, printPage } from './page.ts';

const parts = ['disclosure_items', 'request_statistics', 'review_litigation_counts'] as const;
const notesByCell = (notes: readonly { cell: string; raw: string }[]) =>
  Object.fromEntries(notes.map(({ cell, raw }) => [cell, raw.trim()]));

for (const [name, style] of Object.entries({
  tabs: bare,
  pipes: bareBetweenPipes,
}))
  t.test(`figures between ${name} read back identical where merged cells leave nothing`, async () => {
    fc.assert(
      fc.property(anyReport, ({ raws, figures }) => {
        const { disclosure_items, request_statistics } = figures.editions;
        const editions = [editionByKey(disclosure_items), editionByKey(request_statistics)] as const;
        const { document, findings } = importText(printPage(...editions, raws, style));
        assert.ok(document, JSON.stringify(findings.slice(0, 2)));
        const expected = inFormOrder(figures);
        assert.deepEqual(document.editions, expected.editions);
        for (const part of parts) assert.deepStrictEqual(document[part], expected[part]);
        assert.deepStrictEqual(notesByCell(document.cell_notes), notesByCell(figures.cell_notes));
      }),
      { numRuns: 60 },
    );
  });

/** Layouts in which a blank in some cells cannot be told from a lost cell. There a report needs a stroke. */
const withStrokes = {
  'in padded lines': [bareAndPadded, /^(?:request_|review_.*after_review).*\.total$/],
  'with pipes between them only': [
    bareWithoutFront,
    /^disclosure_|^request_.*\.total$|after_review\.total$|\.review\.upheld$/,
  ],
} as const;
for (const [name, [style, needsStroke]] of Object.entries(withStrokes))
  t.test(`figures ${name} read back identical, with a stroke where a blank would not be sure`, async () => {
    fc.assert(
      fc.property(anyReport, ({ raws, figures }) => {
        const { disclosure_items, request_statistics } = figures.editions;
        const editions = [editionByKey(disclosure_items), editionByKey(request_statistics)] as const;
        const sure = new Map(
          [...raws].map(([cell, raw]) => [cell, needsStroke.test(cell) && raw.trim() === '' ? '—' : raw]),
        );
        const { document, findings } = importText(printPage(...editions, sure, style));
        assert.ok(document, JSON.stringify(findings.slice(0, 2)));
        const expected = inFormOrder(figures);
        for (const part of parts) assert.deepStrictEqual(document[part], expected[part]);
      }),
      { numRuns: 60 },
    );
  });

const edition = editionByKey('2021');
const counted = printReport(edition, edition, countingPrint());
const text = printPage(edition, edition, counted.raws, bare);
const padded = printPage(edition, edition, counted.raws, bareAndPadded);
const edited = (source: string, part: string, edit: (line: string) => string) =>
  source
    .split('\n')
    .map((line) => (line.includes(part) ? edit(line) : line))
    .join('\n');

t.test('the corner of section three may be missing or empty', async (t) => {
  for (const corner of ['', '\t']) {
    const { document } = importText(edited(text, '申请人情况', () => `${corner}申请人情况`));
    t.same(document?.request_statistics, counted.figures.request_statistics, JSON.stringify(corner));
  }
});

t.test('a header says where each line ends: tabs at the end belong to every line or to none', async (t) => {
  const ended = text.replaceAll(/(?<=\t.*)$/gm, '\t').replace('申请人情况\n', '申请人情况\t\n');
  const { document, findings } = importText(ended);
  t.same(document?.request_statistics, counted.figures.request_statistics, JSON.stringify(findings[0]));
  for (const part of ['一、本年新收', '（七）总计', '其他结果\t尚未审结\t总计\t未经'])
    t.equal(importText(edited(text, part, (line) => `${line}\t`)).document, null, part);
});

/** The text with the labels of two applicants broken: their second halves stand in a line of their own. */
const broken = (source: string, line: string, half: string) => {
  t.ok(source.includes(line));
  return source.replace(line, `${line.replace('商业企业', '商业').replace('科研机构', '科研')}\n${half}`);
};
const line = '商业企业\t科研机构\t社会公益组织\t法律服务机构\t其他';
const placed = `\t\t\t${line}\t`;

t.test('labels broken over two header lines are whole again, each in its column', async (t) => {
  for (const source of [
    broken(text, line, '企业\t机构'),
    broken(counted.text, placed, '\t\t\t企业\t机构\t\t\t\t'),
    broken(padded, `${line.replaceAll('\t', ' | ')} ||||||`, '| 企业 | 机构 |||||||||'),
  ])
    t.same(importText(source).document?.request_statistics, counted.figures.request_statistics);
});

t.test('halves that make no label where they stand are refused', async (t) => {
  for (const half of ['机构\t企业', '\t企业\t机构', '企业', '企业\t机构\t企业', '企业\t1'])
    t.equal(importText(broken(text, line, half)).document, null, half);
});

/** What is wrong → the text and the code that it is refused with. */
const refused: Record<string, [source: string, code: string]> = {
  'two applicants in another order': [
    text.replace('商业企业\t科研机构', '科研机构\t商业企业'),
    'import.unreadable_header',
  ],
  'an applicant missing': [text.replace('科研机构\t', ''), 'import.unreadable_header'],
  'an empty cell in the header': [text.replace('自然人\t', '自然人\t\t'), 'import.unreadable_header'],
  'an outcome missing': [text.replace('尚未审结\t', ''), 'import.unreadable_header'],
  'a header line twice': [edited(text, '商业企业', (line) => `${line}\n${line}`), 'import.unreadable_header'],
  'six values': [edited(text, '（七）总计', (line) => line.replace(/\t\d+/, '')), 'import.unreadable_row'],
  'eight values': [edited(text, '（七）总计', (line) => `${line}\t1`), 'import.unreadable_row'],
  'a blank more, and the total blank': [
    edited(text, '（七）总计', (line) => line.replace(/\t(\d+)/, '\t\t$1').replace(/\d+$/, '')),
    'import.unreadable_row',
  ],
  'an empty cell before a label': [
    edited(text, '（七）总计', (line) => `\t${line}`),
    'import.unreadable_row',
  ],
  'a padded line whose last value is blank': [
    edited(padded, '（七）总计', (line) => line.replace(/\d+( \|+)$/, '$1')),
    'import.unreadable_row',
  ],
  'a padded line that has lost a blank': [
    edited(padded, '（七）总计', (line) => `${line.replace(/\| \d+ /, '')}|`),
    'import.unreadable_row',
  ],
  'fourteen values in section four': [text.replace(/\t\d+(?=\n五、)/, ''), 'import.unreadable_row'],
};
for (const [what, [source, code]] of Object.entries(refused))
  t.test(`${what}: refused`, async (t) => {
    t.notOk([text, padded].includes(source));
    const { document, findings } = importText(source);
    t.equal(document, null);
    t.ok(
      findings.some((finding) => finding.code === code),
      findings.map((finding) => `${finding.code} ${finding.raw}`).join('; '),
    );
  });

t.test('where pipes stand between cells only, a blank at either end of a row is not sure', async (t) => {
  const between = printPage(edition, edition, counted.raws, bareWithoutFront);
  const first = edited(between, '1302 | 1309', (line) => line.replace('1302', ''));
  const last = edited(between, '（七）总计', (line) => line.replace(/\d+$/, ''));
  t.ok(importText(between).document);
  for (const source of [first, first.replace(' | 1309', ' || 1309'), last, last.replace('1204', ' | 1204')]) {
    t.not(source, between);
    t.equal(importText(source).document, null);
  }
});

t.test('pipes in a line of text part no cells', async (t) => {
  for (const line of [
    '首页 | 规章 | 总计',
    '规章 | 规范性文件 | 行政许可',
    '规章 | 0 | 若干',
    '共5页 | 1 | 2 | 3',
    '1 | 2 | 3 | 4 | 5',
    '今年新收申请 | 3 | 件',
  ]) {
    const { document } = importText(text.replace('今年工作平稳。', line));
    t.equal(document?.overview, line);
  }
});

t.test('a rule of Markdown is no line, with or without a pipe in front', async (t) => {
  const parted = printPage(edition, edition, counted.raws, bareWithoutFront);
  for (const rule of ['---|---|---', '--- | :-: | --:'])
    t.same(
      importText(parted.replace('申请人情况\n', `申请人情况\n${rule}\n`)).document?.request_statistics,
      counted.figures.request_statistics,
      rule,
    );
});
