import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { applicants, outcomes } from '../../src/editions/edition.ts';
import { type Figures, inFormOrder } from '../../src/editions/figures.ts';
import { editionByKey } from '../../src/editions/index.ts';
import { importText, wordFile } from '../../src/imports/index.ts';
import { deepest, mostCells, mostLines } from '../../src/imports/limits.ts';
import { anyReport, countingPrint, printReport } from './layout-1.ts';
import { piped, printPage, styles, word } from './page.ts';

const importPage = (html: string) => importText(html, {}, 'text/html');
const real: { id: string; complete: boolean; report: Figures }[] = JSON.parse(
  readFileSync(new URL('../fixtures/figures.json', import.meta.url), 'utf8'),
);
const parts = ['disclosure_items', 'request_statistics', 'review_litigation_counts'] as const;

const notesByCell = (notes: readonly { cell: string; raw: string }[]) =>
  Object.fromEntries(notes.map(({ cell, raw }) => [cell, raw.trim()]));

for (const [name, style] of Object.entries({ ...styles, 'Word file': word, pipes: piped })) {
  const [type, layout] =
    style === word
      ? ([wordFile, 'word'] as const)
      : style === piped
        ? (['text/plain', 'pipe-separated'] as const)
        : (['text/html', 'html'] as const);
  const importStyled = (source: string) => importText(source, {}, type);
  t.test(`any figures on a page of the style ‘${name}’ read back identical`, async () => {
    fc.assert(
      fc.property(anyReport, ({ raws, figures }) => {
        const { disclosure_items, request_statistics } = figures.editions;
        const editions = [editionByKey(disclosure_items), editionByKey(request_statistics)] as const;
        const { document, findings, layout: found } = importStyled(printPage(...editions, raws, style));
        assert.ok(document, JSON.stringify(findings.slice(0, 2)));
        assert.equal(found, layout);
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
    const { document, findings } = importStyled(printPage(edition, edition, raws, style));
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
      'as a picture': '<td><img src=7.png></td><td>14</td>',
      'in a field to fill in': '<td><input value=7></td><td>14</td>',
      'written by a script': '<td><script>document.write(7)</script></td><td>14</td>',
      'partly a picture': '<td>7<svg><text>0</text></svg></td><td>14</td>',
      drawn: '<td><v:shape></v:shape></td><td>14</td>',
      'struck out': '<td><del>7</del></td><td>14</td>',
      'struck out by its style': '<td><span style="text-decoration: line-through">7</span></td><td>14</td>',
      'raised by its style': '<td>7<span style="vertical-align:super">1</span></td><td>14</td>',
      'beside another block': '<td>7<details>1</details></td><td>14</td>',
      'beside what its style makes a block': '<td>7<span style="display:block">1</span></td><td>14</td>',
      'with its reading': '<td><ruby>7<rt>1</rt></ruby></td><td>14</td>',
      'in a cell that reaches into the next row': '<td rowspan=2>7</td><td>14</td>',
      'beside one too many': '<td>7</td><td>7</td><td>14</td>',
      'beside one too few': '<td>14</td>',
    };
    for (const [what, to] of Object.entries(changes)) {
      const { document, findings } = importPage(changed(twice, to));
      t.equal(document, null, what);
      t.match(findings[0], { severity: 'error', line: /^[89]$/, raw: /^(规章|行政规范性文件)/ }, what);
    }
  },
);

t.test('a row that does not stand under the headers of its table is refused', async (t) => {
  const label = '一、本年新收政府信息公开申请数量';
  const rows = page.slice(
    page.indexOf('<tr><td colspan="3">一、本年新收'),
    page.indexOf('四、政府信息公开行政复议'),
  );
  const body = rows.slice(0, rows.indexOf('</tbody>'));
  t.ok(body.includes(label) && body.includes('四、结转下年度继续办理'));
  const blankTotals = (html: string) => html.replaceAll(/<td>\d+<\/td><\/tr>/g, '<td></td></tr>');
  const wider = (html: string) => html.replaceAll('<tr>', '<tr><td></td>');
  const changes: Record<string, string> = {
    'in a table of its own': `</table><table>${body}`,
    'in one with another column': `</table><table>${wider(blankTotals(body))}`,
    'with a value lost and a blank in front': body.replace(/<td>\d+<\/td>/, ''),
    'under a header that covers its value': body.replace(/<td>\d+<\/td><\/tr>/, '</tr>'),
  };
  for (const [what, to] of Object.entries(changes)) {
    const covering = what.includes('covers') ? page.replace('rowspan=2>总计', 'rowspan=3>总计') : page;
    const { document, findings } = importPage(covering.replace(body, to));
    t.equal(document, null, what);
    t.match(findings[0]?.code, /^import.unreadable_/, what);
  }
});

t.test('tables are read as a browser lays them out', async (t) => {
  const alike: Record<string, string> = {
    'with two edges for one': page.replaceAll(
      /<td(?: colspan="(\d+)")?/g,
      (_, n = 1) => `<td colspan=${2 * n}`,
    ),
    'with a head': page.replace('<tbody>', '<thead><tr><td>附表</td></tr></thead><tbody>'),
    'with a remark below it': page.replace('</tbody>', '<tr><td colspan=4>备注：无</td></tr></tbody>'),
    'with a label to the end of its body': page
      .replace(/rowspan=\d+>三、本年度/, 'rowspan=99>三、本年度')
      .replace('<tr><td colspan="3">四、结转', '</tbody><tbody><tr><td colspan="3">四、结转'),
    'with an empty row that labels count': page
      .replace(/rowspan=(\d+)>三、本年度/, (_, n) => `rowspan=${Number(n) + 1}>三、本年度`)
      .replace(/(<tr>(?:<td[^>]*>[^<]*<\/td>)*<td colspan="2">（二）部分公开)/, '<tr></tr>$1'),
    'with what is not shown': changed(
      '<td>7</td>',
      '<td>7<b style="visibility:hidden">1</b><i hidden>2</i><input type=hidden value=3></td>',
    ),
    'in a block without gaps': page
      .replaceAll('<table', '<div style="font-size: 0"><table')
      .replaceAll('</table>', '</table></div>'),
    'with nothing between its cells': changed('<td>7</td>', '<td>7<table></table></td>'),
  };
  for (const [what, html] of Object.entries(alike)) {
    t.not(html, page, what);
    const { document, findings } = importPage(html);
    t.ok(document, `${what}: ${findings[0]?.message.en}`);
    if (document) for (const part of parts) t.strictSame(document[part], counted.figures[part], what);
  }
});

t.test('whose report a page holds is what it says of itself, and not a link beside it', async (t) => {
  const above = '<ul><li>2021年政府信息公开工作年度报告</li></ul>';
  const head = '<head><meta name="ArticleTitle" content="某市2023年政府信息公开工作年度报告">';
  const title = '<p>2023年政府信息公开工作年度报告</p>';
  t.ok(page.includes(title));
  t.match(importPage(page.replace(title, above + title)), {
    document: null,
    findings: [{ code: 'import.no_year' }],
  });
  for (const printed of [
    '<h1>某市2023年政府信息公开工作年度报告</h1>',
    '<h1>某市<br>2023年政府信息公开<br>工作年度报告</h1>',
    '<h1>某市人民政府2023年政府信息公开工作年度报告</h1>',
  ]) {
    const html = page
      .replace('<head>', head)
      .replace(title, printed.includes('人民政府') ? printed : above + printed);
    t.match(importPage(html), { organ_name: '某市', document: { year: 2023 } }, printed);
  }
});

t.test(
  'a title is found below a long menu, and one of another year above it leaves nobody sure',
  async (t) => {
    const title = '<p>2023年政府信息公开工作年度报告</p>';
    const menu = (first: string) =>
      `<ul><li>${first}</li>${Array.from({ length: 45 }, (_, at) => `<li>栏目${at}</li>`).join('')}</ul>`;
    for (const first of ['2022年政府信息公开工作年度报告', '政府信息公开年报</li><li>2024年'])
      t.match(importPage(page.replace(title, menu(first) + title)), {
        document: null,
        findings: [{ code: 'import.no_year' }],
      });
    for (const first of ['政府信息公开年报', '首页 &gt; 政府信息公开年报 &gt; 2024年'])
      t.match(importPage(page.replace(title, menu(first) + title)), { document: { year: 2023 } }, first);
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
    cells: `<table><tr>${'<td>'.repeat(mostCells + 1)}`,
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

t.test(
  'a row may divide its columns otherwise than its header where each cell overlaps its own',
  async (t) => {
    const old = editionByKey('2019');
    const { raws, figures } = printReport(old, old, countingPrint());
    const html = printPage(old, old, raws, styles.plain!);
    const header = '<td>上一年项目数量</td><td>本年增/减</td><td>处理决定数量</td>';
    const measures = ['prior_items', 'items_change', 'decisions'];
    /** The rows of four items with the first of three values over two columns; that of licensing as given. */
    const divided = (licensing: (values: string[]) => string) =>
      ['licensing', 'other_services', 'penalties', 'compulsion'].reduce(
        (page, item) => {
          const values = measures.map((measure) => raws.get(`disclosure_items.${item}.${measure}`)!);
          const row = values.map((value) => `<td>${value}</td>`).join('');
          assert.ok(page.includes(row));
          const [first, ...others] = values;
          const of = `<td colspan=2>${first}</td>${others.map((value) => `<td>${value}</td>`).join('')}`;
          return page.replace(row, item === 'licensing' ? licensing(values) : of);
        },
        html.replaceAll(header, header.replace('<td>本年增/减', '<td colspan=2>本年增/减')),
      );
    const items = (source: string) => importPage(source).document?.disclosure_items;
    t.strictSame(
      items(divided(([a, b, c]) => `<td colspan=2>${a}</td><td>${b}</td><td>${c}</td>`)),
      figures.disclosure_items,
    );
    for (const damaged of [
      ([a, , c]: string[]) => `<td colspan=2>${a}</td><td colspan=2>${c}</td>`,
      ([a, , c]: string[]) => `<td colspan=3>${a}</td><td>${c}</td>`,
      ([a, b, c]: string[]) => `<td colspan=3>${a}</td><td>${b}</td><td>${c}</td>`,
      ([a, b, c]: string[]) => `<td>${a}</td><td>${b}</td><td>${c}</td><td>1</td><td>2</td>`,
    ])
      t.equal(items(divided(damaged)), undefined, String(damaged));
  },
);
