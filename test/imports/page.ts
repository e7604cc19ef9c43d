import { applicants, type Edition, outcomes, proceedings } from '../../src/editions/edition.ts';

/** Prints figures as the tables of a web page or a Word file, with merged cells as on the form. Knows nothing of the importer. */

/** What stands in each cell of the form, by its key. */
export type Raws = ReadonlyMap<string, string>;

type Cell = [text: string, columns?: number, rows?: number];

/** How a page is written: what stands in a cell, and the page around the report. */
export interface Style {
  cell: (text: string) => string;
  /** HTML where none is given. */
  table?: (rows: Cell[][]) => string;
  paragraph: (text: string) => string;
  around: (report: string) => string;
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const whole = (report: string) => `<!DOCTYPE html><html><head></head><body>${report}</body></html>`;

const runs = (text: string) =>
  `\r\n  <p class=MsoNormal align=center><span lang=EN-US style='font-size:12.0pt'>${
    [...text].map((each) => `<b>${escaped(each)}</b>`).join('</span><span\r\nlang=EN-US>') || '&nbsp;'
  }</span><o:p></o:p></p>\r\n  `;

export const styles: Record<string, Style> = {
  plain: {
    cell: (text) => (text === '' ? '&nbsp;' : escaped(text)),
    paragraph: escaped,
    around: whole,
  },
  /** Saved by a word processor: every run of characters in a span of its own, paragraphs in cells, line ends anywhere. */
  'word processor': {
    cell: runs,
    paragraph: runs,
    around: (report) =>
      `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- td {width:1} --></style></head><body lang=ZH-CN><div class=WordSection1>${report}</div></body></html>`,
  },
  /** On a site: menus above it, tables that lay the page out, cells whose closing tags are left out. */
  site: {
    cell: (text) => (/^\p{Script=Han}{5,}$/u.test(text) ? `${text.slice(0, 3)}<br>${text.slice(3)}` : text),
    paragraph: escaped,
    around: (report) =>
      `<html><head><title>年报_某市</title><meta name="ArticleTitle" content="2023年政府信息公开工作年度报告"><script>document.write("<table><tr><td>规章<td>1</table>")</script></head><body>
<nav><a href="/">首页</a></nav><table><tr><td><ul><li>政府信息公开年报<li>2021年政府信息公开工作年度报告解读</ul>
<tr><td><table><tr><td>栏目<td>${report.replaceAll(/<\/t[dr]>/g, '')}</table></table>
<p style="display: none">规章 7</p><footer>版权所有</footer></body></html>`,
  },
};

const table = (rows: Cell[][], { cell, table: own }: Style) =>
  own?.(rows) ??
  `<table border=1><tbody>\n${rows
    .map(
      (cells) =>
        `<tr>${cells
          .map(
            ([text, columns = 1, height = 1]) =>
              `<td${columns > 1 ? ` colspan="${columns}"` : ''}${height > 1 ? ` rowspan=${height}` : ''}>${cell(text)}</td>`,
          )
          .join('')}</tr>`,
    )
    .join('\n')}\n</tbody></table>`;

const wordRuns = (text: string) =>
  `<w:p><w:pPr><w:jc w:val="center"/><w:rPr><w:strike/></w:rPr></w:pPr>${[...text]
    .map(
      (each) =>
        `<w:r><w:rPr><w:rFonts w:hint="eastAsia"/><w:strike w:val="0"/></w:rPr><w:t xml:space="preserve">${escaped(each)}</w:t></w:r>`,
    )
    .join('<w:proofErr w:type="spellStart"/>')}</w:p>`;

/** A cell that takes several rows is one that is begun and one in each row below that goes on with it. */
function wordTable(rows: Cell[][]): string {
  const open = new Map<number, { columns: number; left: number }>();
  const lines = rows.map((cells) => {
    const line: string[] = [];
    const waiting = cells.slice();
    for (let column = 0; waiting.length > 0 || open.has(column); ) {
      const above = open.get(column);
      const [text, columns = 1, height = 1] = above ? ['', above.columns] : waiting.shift()!;
      const merge = above ? '<w:vMerge/>' : height > 1 ? '<w:vMerge w:val="restart"/>' : '';
      const span = columns > 1 ? `<w:gridSpan w:val="${columns}"/>` : '';
      line.push(`<w:tc><w:tcPr><w:tcW w:w="900"/>${span}${merge}</w:tcPr>${wordRuns(text)}</w:tc>`);
      const left = (above?.left ?? height) - 1;
      if (left > 0) open.set(column, { columns, left });
      else open.delete(column);
      column += columns;
    }
    return `<w:tr><w:trPr><w:cantSplit/></w:trPr>${line.join('')}</w:tr>`;
  });
  return `<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="900"/></w:tblGrid>${lines.join('\n')}</w:tbl>`;
}

/** The markup of a Word file. */
export const word: Style = {
  cell: wordRuns,
  paragraph: wordRuns,
  table: wordTable,
  around: (report) =>
    `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${report}<w:sectPr/></w:body></w:document>`,
};

/** Each cell in its column, with nothing in the others that it takes, as extractors leave merged cells. */
function pipedTable(rows: Cell[][]): string {
  const taken = new Map<number, number>();
  return rows
    .map((cells) => {
      const line: string[] = [];
      const waiting = cells.slice();
      for (let column = 0; waiting.length > 0 || (taken.get(column) ?? 0) > 0; column++) {
        const left = taken.get(column) ?? 0;
        const [text, columns = 1, height = 1] = left > 0 ? [''] : waiting.shift()!;
        line.push(text, ...Array<string>(columns - 1).fill(''));
        for (const each of Array(columns).keys()) taken.set(column + each, left > 0 ? left - 1 : height - 1);
        column += columns - 1;
      }
      return `| ${line.join(' | ')} |`;
    })
    .join('\n');
}

/** A text with tables between pipes. */
export const piped: Style = {
  cell: (text) => text,
  paragraph: (text) => text,
  table: pipedTable,
  around: (report) => report.replace(/(\n\|.*)/, '$1\n|---|:--:|'),
};

const bareStyle = (lineOf: (cells: string[], width: number) => string): Style => ({
  cell: (text) => text,
  paragraph: (text) => text,
  table: (rows) => {
    const width = rows[0]!.reduce((sum, [, columns = 1]) => sum + columns, 0);
    const lines = rows.map((cells) => cells.map(([text]) => text));
    return lines.map((cells) => lineOf(cells, width)).join('\n');
  },
  around: (report) => report,
});

/** A text in which merged cells leave nothing behind, as a browser copies it. */
export const bare = bareStyle((cells) => cells.join('\t'));
/** The same between pipes. */
export const bareBetweenPipes = bareStyle((cells) => `| ${cells.join(' | ')} |`);
/** The same with pipes between the cells only. */
export const bareWithoutFront = bareStyle((cells) => cells.join(' | '));
/** The same between pipes, with nothing but pipes up to the width of the table. */
export const bareAndPadded = bareStyle(
  (cells, width) => `| ${cells.join(' | ')} |${'|'.repeat(width - cells.length)}`,
);

/** A whole report of 2023. */
export function printPage(disclosure: Edition, requests: Edition, raws: Raws, style: Style): string {
  const raw = (...key: string[]) => raws.get(key.join('.')) ?? '';
  let clause = '';
  const items = disclosure.disclosure_items.flatMap((item): Cell[][] => {
    const row = (first: string, others: string[]): Cell[] => [
      [first],
      ...others.map((text, at): Cell => [text, at === others.length - 1 ? 4 - others.length : 1]),
    ];
    const isNew = clause !== item.clause;
    clause = item.clause;
    // As the form does, and for fees alone.
    const names = item.measures.map(({ label, unit }) =>
      unit === '万元' ? `${label.zh}（单位：万元）` : label.zh,
    );
    const values = item.measures.map(({ measure }) => raw('disclosure_items', item.item, measure));
    return [
      ...(isNew ? [[[item.clause_label, 4]] as Cell[], row('信息内容', names)] : []),
      row(item.label.zh, values),
    ];
  });

  const isResult = ({ role }: Edition['request_statistics'][number]) =>
    role === 'result' || role === 'result_total';
  const rows = requests.request_statistics;
  const results = rows.filter(isResult);
  const seen = new Set<string>();
  const statistics = rows.map((row): Cell[] => {
    const values = applicants.map(({ applicant }): Cell => [raw('request_statistics', row.row, applicant)]);
    if (!isResult(row)) return [[row.label.zh, 3], ...values];
    const first: Cell[] = row === results[0] ? [['三、本年度办理结果', 1, results.length]] : [];
    const group = requests.request_groups.find((each) => each.group === row.group);
    if (group === undefined) return [...first, [row.label.zh, 2], ...values];
    const height = rows.filter((each) => each.group === group.group).length;
    const outer: Cell[] = seen.has(group.group) ? [] : [[group.label.zh, 1, height]];
    seen.add(group.group);
    return [...first, ...outer, [row.label.zh], ...values];
  });
  const [person, ...others] = applicants.map(({ label }) => label.zh);
  const applicantHeader: Cell[][] = [
    [
      ['（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）', 3, 3],
      ['申请人情况', 7],
    ],
    [
      [person!, 1, 2],
      ['法人或其他组织', 5],
      [others.at(-1)!, 1, 2],
    ],
    others.slice(0, -1).map((text): Cell => [text]),
  ];

  const outcomeHeader = outcomes.map(({ label }): Cell => [label.zh]);
  const counts: Cell[][] = [
    [
      ['行政复议', 5],
      ['行政诉讼', 10],
    ],
    [
      ...outcomes.map(({ label }): Cell => [label.zh, 1, 2]),
      [proceedings[1].label.zh, 5],
      [proceedings[2].label.zh, 5],
    ],
    [...outcomeHeader, ...outcomeHeader],
    proceedings.flatMap(({ proceeding }) =>
      outcomes.map(({ outcome }): Cell => [raw('review_litigation_counts', proceeding, outcome)]),
    ),
  ];
  const paragraph = (text: string) =>
    style.table ? style.paragraph(text) : `<p>${style.paragraph(text)}</p>`;
  return style.around(
    [
      ...['2023年政府信息公开工作年度报告', '一、总体情况', '今年工作平稳。', '二、主动公开政府信息情况'].map(
        paragraph,
      ),
      table(items, style),
      paragraph('三、收到和处理政府信息公开申请情况'),
      table([...applicantHeader, ...statistics], style),
      paragraph('四、政府信息公开行政复议、行政诉讼情况'),
      table(counts, style),
      ...['五、存在的主要问题及改进情况', '人手不足。', '六、其他需要报告的事项', '无。'].map(paragraph),
    ].join('\n'),
  );
}
