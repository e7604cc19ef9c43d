import { readFileSync } from 'node:fs';
import t from 'tap';
import { editionByKey } from '../../src/editions/index.ts';
import { importText } from '../../src/imports/index.ts';
import { countingPrint, printReport } from './layout-1.ts';

const real = readFileSync(new URL('../../examples/shengli-2020.txt', import.meta.url), 'utf8');
const old = printReport(editionByKey('2019'), editionByKey('2019'), countingPrint());
const current = printReport(editionByKey('2021'), editionByKey('2021'), countingPrint());

/** Spellings of labels that published reports use. */
const spellings: Record<string, [string, string][]> = {
  'other names of items': [
    ['规范性文件', '行政规范性文件'],
    ['行政事业性收费', '行政事业型收费'],
  ],
  'cut headers': [
    ['对外公开总数量', '对外公开总数'],
    ['本年新制作数量', '本年新'],
    ['本年新公开数量', '本年新'],
  ],
  'a missing remark': [['（区分处理的，只计这一情形，不计其他情形）', '']],
  'a short label': [['（六）其他处理', '（六）其他']],
  'half-width brackets, other stops and quotes': [
    ['（一）予以公开', '(一) 予以公开'],
    ['1.属于国家秘密', '1、属于国家秘密'],
    ['2.重复申请', '２．重复申请'],
    ['“三安全一稳定”', '「三安全一稳定」'],
  ],
  'stray white space': [
    ['行政许可', '行 政\u00a0许\u3000可'],
    ['（七）总计', '（七） 总 计'],
  ],
  'radicals for ideographs': [
    ['行政', '⾏政'],
    ['人情况', '⼈情况'],
  ],
  'traditional characters': [
    ['规章', '規章'],
    ['行政处罚', '行政處罰'],
  ],
  'another word for the relation': [['勾稽', '钩稽']],
  'other words for the same': [
    ['其他', '其它'],
    ['总计', '合计'],
    ['本年增/减', '本年增（减）'],
    ['）项', '）款'],
  ],
  'labels without their ordinals': [
    ['1.属于国家秘密', '属于国家秘密'],
    ['二、上年结转', '上年结转'],
  ],
};
for (const [what, pairs] of Object.entries(spellings))
  t.test(`${what} are the same labels`, async (t) => {
    let text = old.text;
    for (const [official, printed] of pairs) {
      t.ok(text.includes(official), official);
      text = text.replaceAll(official, printed);
    }
    const { document, findings } = importText(text);
    t.same(document?.disclosure_items, old.figures.disclosure_items, JSON.stringify(findings[0]?.message.en));
    t.same(document?.request_statistics, old.figures.request_statistics);
    t.same(document?.review_litigation_counts, old.figures.review_litigation_counts);
  });

t.test('headers cut to the same beginning are told apart by their order, with a warning', async (t) => {
  const text = old.text.replace('本年新制作数量', '本年新').replace('本年新公开数量', '本年新');
  t.ok(importText(text).findings.some((finding) => finding.code === 'import.cut_header'));
});

t.test('rows in another order are read by their labels', async (t) => {
  const lines = current.text.split('\n');
  const first = lines.findIndex((line) => line.includes('（一）予以公开'));
  const last = lines.findIndex((line) => line.includes('四、结转'));
  const shuffled = lines.slice(first, last).toReversed();
  const { document } = importText(lines.toSpliced(first, last - first, ...shuffled).join('\n'));
  t.same(document?.request_statistics, current.figures.request_statistics);
});

t.test('columns in another order are read by their headers', async (t) => {
  const text = current.text.replace('本年制发件数\t本年废止件数', '本年废止件数\t本年制发件数');
  const value = (measure: string) =>
    importText(text).document?.disclosure_items.find(
      (cell) => cell.item === 'regulations' && cell.measure === measure,
    )?.value;
  t.equal(value('repealed'), 7);
  t.equal(value('issued'), 14);
});

t.test('a row the form does not have is kept as a note and counts nowhere', async (t) => {
  const text = old.text.replace('第二十条第（五）项', '其他主动公开文件\t1\t2\t3\n第二十条第（五）项');
  const { document, findings } = importText(text);
  t.same(document?.disclosure_items, old.figures.disclosure_items);
  t.same(document?.cell_notes, [{ cell: 'disclosure_items', raw: '其他主动公开文件\t1\t2\t3', note: null }]);
  t.match(findings, [{ code: 'import.extra_row', severity: 'warning' }, {}]);
});

t.test('text beside a table is kept as a note on the table', async (t) => {
  const text = old.text.replace('\n三、收到', '\n注：规章由法制部门提供。\n三、收到');
  t.same(importText(text).document?.cell_notes, [
    { cell: 'disclosure_items', raw: '注：规章由法制部门提供。', note: null },
  ]);
  const long = '规章由法制部门提供。'.repeat(200);
  const moved = importText(old.text.replace('\n三、收到', `\n${long}\n三、收到`));
  t.strictSame(moved.document?.cell_notes, [], 'what is too long for a note');
  t.ok(moved.document?.overview?.endsWith(long), 'is put at the end of the overview');
  t.match(moved.findings, [
    { code: 'import.text_beside_table', message: { en: /is put at the end of the overview/ } },
  ]);
});

t.test('what stands between the heading of a table and the table belongs to that table', async (t) => {
  const text = old.text.replace(/(四、政府信息公开行政复议[^\n]*\n)/, '$1本年度未发生行政复议。\n');
  const { document, findings } = importText(text);
  t.strictSame(document?.cell_notes, [
    { cell: 'review_litigation_counts', raw: '本年度未发生行政复议。', note: null },
  ]);
  t.match(findings, [{ code: 'import.text_beside_table', message: { en: /reviews|litigation/i } }]);
});

t.test('a page number between two rows is no data and no end of the table', async (t) => {
  const text = old.text.replace('\t（六）其他处理', '\n- 4 -\n\n\t（六）其他处理');
  t.same(importText(text).document?.request_statistics, old.figures.request_statistics);
});

t.test('a cut row may have its values in either half', async (t) => {
  const second = real
    .replace('3.危及“三安全”\t\t0\t0\t0\t0\t0\t0\t0\t', '3.危及“三安全”\t\t\t\t\t\t\t\t\t')
    .replace('\t“一稳定”\t\t\t\t\t\t', '\t“一稳定”\t1\t0\t0\t0\t0\t0');
  const row = importText(second).document?.request_statistics.find(
    (each) => each.row === 'refused_security_stability',
  );
  t.match(row, { natural_person: 1, other: 0, total: null });
  const both = second.replace('“三安全”\t\t\t', '“三安全”\t\t5\t');
  t.equal(importText(both).document, null);
});

t.test('short rows need their page to be short as a whole', async (t) => {
  const unbroken = real.replaceAll(/\n(?:\s*\n)+/g, '\n');
  t.same(importText(unbroken).document?.request_statistics, importText(real).document?.request_statistics);
  const full = real.replace('2.重复申请\t0', '2.重复申请\t0\t0');
  t.equal(importText(full).document, null, 'one full row on the page makes the short ones doubtful');
});

t.test('titles say the year and the organ in many ways', async (t) => {
  const titles: [string, string | null][] = [
    ['XX区教育局2020年政府信息公开工作年度报告', 'XX区教育局'],
    ['2020年XX区教育局政府信息公开年度报告', 'XX区教育局'],
    ['XX区教育局关于２０２０年度政府信息公开工作的报告', 'XX区教育局'],
    ['XX区教育局\n二〇二〇年政府信息公开工作年度报告', 'XX区教育局'],
    ['XX区教育局\n政府信息公开工作年度报告\n（2020年）', null],
    ['XX区教育局政府信息公开工作年度报告（2020）', null],
    ['XX区教育局2020政府信息公开工作年度报告', 'XX区教育局'],
    ['XX区教育局\n2020年政府信息公开工作\n年度报告', 'XX区教育局'],
    ['直属部门\nXX区教育局2020年政府信息公开工作年度报告', 'XX区教育局'],
    ['网站首页\nXX区教育局2020年政府信息公开工作年度报告', 'XX区教育局'],
    ['首页 > 政府信息公开年报 > 2019年\nXX区教育局2020年政府信息公开工作年度报告', 'XX区教育局'],
    ['当前位置：首页 > 政府信息公开年度报告\nXX区教育局2020年政府信息公开工作年度报告', 'XX区教育局'],
    ['政府信息公开年报\nXX区教育局2020年政府信息公开工作年度报告', 'XX区教育局'],
  ];
  for (const [title, organ] of titles) {
    const text = real.replace('利通区胜利镇人民政府\n\n2020 年政府信息公开工作年度报告', title);
    const result = importText(text);
    t.equal(result.document?.year, 2020, title);
    if (organ !== null) t.equal(result.organ_name, organ, title);
  }
});

t.test('sections are known by their words, not their numbers', async (t) => {
  const text = real
    .replace(
      '四、政府信息公开行政复议、行政诉讼情况',
      '三、因政府信息公开工作被申请行政复议、提起行政诉讼情况',
    )
    .replace('五、存在的主要问题及改进情况', '一、政府信息公开工作存在的主要问题及整改措施')
    .replace('六、其他需要报告的事项\n\n无。', '二、其他需要报告的事项：无。');
  const { document } = importText(text);
  const before = importText(real).document;
  t.equal(document?.problems, before?.problems);
  t.equal(document?.other_matters, before?.other_matters);
});

t.test('a header may name the unit of its column', async (t) => {
  for (const named of [
    '本年收费金额（单位：万元）',
    '本年收费金额(单位:万元)',
    '本年收费金额（万元）',
    '本年收费金额，单位：万元',
    '本年收费金额 （ 单 位 ： 万 元 ）',
  ]) {
    const text = current.text.replace('本年收费金额', named);
    t.not(text, current.text);
    const { document, findings } = importText(text);
    t.same(document?.disclosure_items, current.figures.disclosure_items, named);
    t.strictSame(findings, importText(current.text).findings, named);
  }
  const counted = old.text
    .replaceAll('本年增/减', '本年增/减（项）')
    .replaceAll('处理决定数量', '处理决定数量（件）')
    .replace('采购项目数量', '采购项目数量（个）');
  t.same(importText(counted).document?.disclosure_items, old.figures.disclosure_items);
});

t.test('where the form leaves the unit of an amount open, the header decides it', async (t) => {
  const amountIn = (text: string) =>
    importText(text).document?.disclosure_items?.find(({ measure }) => measure === 'amount');
  const printed = amountIn(old.text)!;
  t.equal(printed.unit, null);
  for (const unit of ['元', '万元'] as const)
    t.strictSame(amountIn(old.text.replace('采购总金额', `采购总金额（单位：${unit}）`)), {
      ...printed,
      unit,
    });
});

t.test('a header with a unit that the measure does not have is refused with the one it has', async (t) => {
  for (const [text, units] of [
    [current.text.replace('本年收费金额', '本年收费金额（单位：元）'), '万元'],
    [current.text.replace('本年制发件数', '本年制发件数（万元）'), '件'],
    [old.text.replace('采购总金额', '采购总金额（件）'), '元 or 万元'],
  ] as const) {
    const { document, findings } = importText(text);
    t.equal(document, null);
    t.match(findings, [{ code: 'import.unreadable_row', message: { en: new RegExp(`right is ${units}`) } }]);
  }
});
