import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { applicants, outcomes } from '../../src/editions/edition.ts';
import { type Figures, inFormOrder } from '../../src/editions/figures.ts';
import { editionByKey } from '../../src/editions/index.ts';
import { importText } from '../../src/imports/index.ts';
import { deepest, mostLines, mostTabs } from '../../src/imports/limits.ts';
import { anyReport, countingPrint, printReport } from './layout-1.ts';
import { printPage, styles } from './page.ts';

const importPage = (html: string) => importText(html, {}, 'text/html');
const real: { id: string; complete: boolean; report: Figures }[] = JSON.parse(
  readFileSync(new URL('../fixtures/figures.json', import.meta.url), 'utf8'),
);
const parts = ['disclosure_items', 'request_statistics', 'review_litigation_counts'] as const;

const notesByCell = (notes: readonly { cell: string; raw: string }[]) =>
  Object.fromEntries(notes.map(({ cell, raw }) => [cell, raw.trim()]));

for (const [name, style] of Object.entries(styles)) {
  t.test(`any figures on a page of the style ‘${name}’ read back identical`, async () => {
    fc.assert(
      fc.property(anyReport, ({ raws, figures }) => {
        const { disclosure_items, request_statistics } = figures.editions;
        const editions = [editionByKey(disclosure_items), editionByKey(request_statistics)] as const;
        const { document, findings, layout } = importPage(printPage(...editions, raws, style));
        assert.ok(document, JSON.stringify(findings.slice(0, 2)));
        assert.equal(layout, 'html');
        const expected = inFormOrder(figures);
        assert.deepEqual(document.editions, expected.editions);
        for (const part of parts) assert.deepStrictEqual(document[part], expected[part]);
        assert.deepStrictEqual(notesByCell(document.cell_notes), notesByCell(figures.cell_notes));
      }),
      { numRuns: 40 },
    );
  });

  t.test(`what stands around the tables is read from a page of the style ‘${name}’`, async (t) => {
    const edition = editionByKey('2021');
    const { raws } = printReport(edition, edition, countingPrint());
    const { document, findings } = importPage(printPage(edition, edition, raws, style));
    t.match(document, {
      year: 2023,
      title: '2023年政府信息公开工作年度报告',
      overview: '今年工作平稳。',
      problems: '人手不足。',
      other_matters: '无。',
    });
    t.strictSame(
      findings.map(({ code }) => code),
      ['import.scope_assumed'],
    );
  });
}

const edition = editionByKey('2021');
const counted = printReport(edition, edition, countingPrint());
const page = printPage(edition, edition, counted.raws, styles.plain!);

t.test('the figures of published reports read back from pages', async (t) => {
  for (const { id, complete, report } of real) {
    const raws = new Map<string, string>();
    const put = (value: number | null | undefined, ...key: string[]) =>
      raws.set(key.join('.'), String(value ?? ''));
    for (const { item, measure, value } of report.disclosure_items)
      put(value, 'disclosure_items', item, measure);
    for (const row of report.request_statistics)
      for (const { applicant } of applicants) put(row[applicant], 'request_statistics', row.row, applicant);
    for (const row of report.review_litigation_counts)
      for (const { outcome } of outcomes)
        put(row[outcome], 'review_litigation_counts', row.proceeding, outcome);
    const { disclosure_items, request_statistics } = report.editions;
    const editions = [editionByKey(disclosure_items), editionByKey(request_statistics)] as const;
    const { document, findings } = importPage(printPage(...editions, raws, styles.plain!));
    assert.ok(document, `${id} ${findings[0]?.message.en}`);
    const figures = inFormOrder(report);
    // Of some reports not every row is known; the page prints those blank.
    if (complete)
      for (const part of ['request_statistics', 'review_litigation_counts'] as const)
        t.strictSame(document[part], figures[part], id);
    for (const { item, measure, value } of figures.disclosure_items)
      assert.equal(
        document.disclosure_items.find((each) => each.item === item && each.measure === measure)?.value,
        value,
        id,
      );
  }
});

/** The page with one thing changed. */
function changed(from: string | RegExp, to: string): string {
  const html = page.replace(from, to);
  t.not(html, page, String(from));
  return html;
}

t.test(
  'a figure that could be of several cells is refused, with the row and its line in the source',
  async (t) => {
    const twice = '<td>7</td><td>14</td>';
    t.ok(page.includes(twice));
    const changes: Record<string, string> = {
      'merged across columns': '<td colspan=2>7</td>',
      'merged across columns as a blank': '<td colspan=2>/</td>',
      'with a footnote mark': '<td>7<sup>1</sup></td><td>14</td>',
      'with another one struck out': '<td><s>8</s>7</td><td>14</td>',
      'on two lines': '<td>7<br>1</td><td>14</td>',
      'in a cell that reaches into the next row': '<td rowspan=2>7</td><td>14</td>',
      'beside one too many': '<td>7</td><td>7</td><td>14</td>',
      'beside one too few': '<td>14</td>',
    };
    for (const [what, to] of Object.entries(changes)) {
      const { document, findings } = importPage(changed(twice, to));
      t.equal(document, null, what);
      t.match(findings[0], { severity: 'error', line: /^[89]$/, raw: /^(规章|行政规范性文件.*合并)/ }, what);
    }
  },
);

t.test('digits in runs of their own are one number, and merged blanks are blanks', async (t) => {
  const value = (html: string) => importPage(html).document?.disclosure_items[0]?.value;
  t.equal(value(changed('<td>7</td>', '<td><span>7</span><font color=red>0</font>\n</td>')), 70);
  t.equal(value(changed('<td>7</td><td>14</td>', '<td colspan="2">&nbsp;</td>')), null);
});

t.test('without any one of its cells a page is refused, or has lost a blank', async (t) => {
  const cells = [...page.matchAll(/<td[^>]*>[^<]*<\/td>/g)];
  t.ok(cells.length > 200);
  const { raws } = counted;
  for (const { index, 0: cell } of cells) {
    const { document } = importPage(page.slice(0, index) + page.slice(index + cell.length));
    const isFigure = [...raws.values()].includes(cell.slice(4, -5));
    assert.ok(document === null || !isFigure, cell);
    if (document) for (const part of parts) assert.deepEqual(document[part], counted.figures[part], cell);
  }
});

t.test('two reports on a page are refused; so is a page whose figures are pictures', async (t) => {
  t.match(importPage(page + page).findings, [{ code: 'import.duplicate_table' }]);
  const pictures = page.replaceAll(/<table.*?<\/table>/gs, '<img src="figures.png">');
  t.match(importPage(pictures), {
    document: null,
    findings: [{ code: 'import.no_tables', message: { en: /images/ } }],
  });
});

t.test('what no page of a report has so many of is refused at once', async (t) => {
  const many: Record<string, string> = {
    paragraphs: '<p>a'.repeat(mostLines + 1),
    rows: `<table>${'<tr>'.repeat(mostLines + 1)}`,
    cells: `<table><tr>${'<td>'.repeat(mostTabs + 1)}`,
    'merged cells': `<table>${'<tr><td><td colspan=1000 rowspan=1000>'.repeat(21)}</table>`,
    'elements in each other': '<b>'.repeat(deepest + 1),
    'tables in each other': '<table><tr><td>'.repeat(deepest),
  };
  for (const [what, html] of Object.entries(many))
    t.match(importPage(html), { document: null, findings: [{ code: 'import.too_long' }] }, what);
});

t.test('a megabyte of anything is answered', async (t) => {
  for (const part of [
    '<',
    '<b',
    '</i>',
    '<td>1',
    '<p hidden>',
    '<table>',
    '&amp;',
    '&#1;',
    '<!--',
    '<td a=1 ',
    '</table>',
    '<script>',
    '\u0000',
    '<![CDATA[',
    '规章',
    '<table></table>',
    '<a><b></a></b>',
  ])
    for (const start of ['', page, '<table><tr><td>', '<script>']) {
      const { document, findings } = importPage(start + part.repeat(1_000_000 / part.length));
      t.ok(
        document !== null || findings.some(({ severity }) => severity === 'error'),
        start.slice(0, 20) + part,
      );
    }
});
