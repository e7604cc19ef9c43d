import { readFileSync } from 'node:fs';
import t from 'tap';
import { editionByKey } from '../../src/editions/index.ts';
import { importText } from '../../src/imports/index.ts';
import { countingPrint, printReport } from './layout-1.ts';

const real = readFileSync(new URL('../../examples/shengli-2020.txt', import.meta.url), 'utf8');
const whole = printReport(editionByKey('2019'), editionByKey('2019'), countingPrint()).text;
const lineWith = (text: string, part: string) => text.split('\n').find((line) => line.includes(part))!;
const edited = (text: string, part: string, edit: (line: string) => string) =>
  text
    .split('\n')
    .map((line) => (line.includes(part) ? edit(line) : line))
    .join('\n');
const without = (text: string, part: string) =>
  text
    .split('\n')
    .filter((line) => !line.includes(part))
    .join('\n');
const from = (text: string, start: string, end: string) => text.slice(text.indexOf(start), text.indexOf(end));

/** What is wrong → the text, the code it is refused with, and the line that is quoted. */
const refused: Record<string, [text: string, code: string, quoted?: string]> = {
  'an empty text': ['', 'import.no_tables'],
  'text without tables': ['某局2020年政府信息公开工作年度报告\n今年以来……', 'import.no_tables', '某局2020年'],
  'cells run together': [
    '某局2020年政府信息公开工作年度报告\n规章000\n规范性文件000',
    'import.run_together',
    '规章000',
  ],
  'a document without its tabs': [real.replaceAll('\t', ''), 'import.run_together', '规章000'],
  'a document with spaces for tabs': [
    real.replaceAll('\t', ' '),
    'import.run_together',
    '其他对外管理服务事项 0 0 0',
  ],
  'one table without its tabs': [
    real.replace(from(real, '第二十条第（一）项', '三、收到'), (table) => table.replaceAll('\t', '')),
    'import.run_together',
    '规范性文件000',
  ],
  'cells between pipes': ['| 规章 | 0 | 0 | 0 |', 'import.unknown_layout', '| 规章'],
  'only section three': [
    `2020年政府信息公开工作年度报告\n${from(real, '三、收到', '四、政府')}`,
    'import.missing_table',
  ],
  'a row with five values': [
    edited(whole, '（一）予以公开', (line) => line.split('\t').slice(0, 7).join('\t')),
    'import.unreadable_row',
    '（一）予以公开',
  ],
  'one row with six values among full ones': [
    edited(whole, '（一）予以公开', (line) => line.split('\t').toSpliced(4, 1).join('\t')),
    'import.unreadable_row',
    '（一）予以公开',
  ],
  'a row with eight values': [
    edited(whole, '（七）总计', (line) => line.replace(/\t$/, '\t9')),
    'import.unreadable_row',
    '（七）总计',
  ],
  'a lost tab beside a blank': [
    edited(real, '行政处罚', (line) => line.slice(0, -1)),
    'import.unreadable_row',
    '行政处罚\t0\t0',
  ],
  'a short row whose sixth value is the total of the rest': [
    edited(real, '2.重复申请', () => '\t2.重复申请\t1\t2\t0\t0\t0\t3'),
    'import.unreadable_row',
    '2.重复申请',
  ],
  'a short row with a blank in it': [
    edited(real, '2.重复申请', () => '\t2.重复申请\t1\t\t0\t0\t0\t3'),
    'import.unreadable_row',
    '2.重复申请',
  ],
  'a row without values': [
    edited(whole, '四、结转', () => '四、结转下年度继续办理'),
    'import.unreadable_row',
  ],
  'a row of a table run together': [
    edited(whole, '规章', () => '规章000'),
    'import.unreadable_row',
    '规章000',
  ],
  'a number broken over two lines': [whole.replace(/(\d)(\d\n\n五、)/, '$1\n$2'), 'import.unreadable_row'],
  'a number broken over two lines within a table': [
    real.replace('2.重复申请\t0\t0\t0\t0\t0\t0', '2.重复申请\t0\t0\t0\t0\t0\t1\n5'),
    'import.missing_row',
  ],
  'a form feed in a number': [whole.replace(/(\d)(\d\n\n五、)/, '$1\f$2'), 'import.unreadable_cell'],
  'words in a cell': [
    edited(whole, '规章', (line) => line.replace('7', '若干')),
    'import.unreadable_cell',
    '若干',
  ],
  'two numbers in a cell': [
    edited(whole, '规章', (line) => line.replace('7', '7 8')),
    'import.unreadable_cell',
    '7 8',
  ],
  'a number beyond 2^53': [
    edited(whole, '（七）总计', (line) => line.replace(/\t\d+\t$/, '\t9007199254740993\t')),
    'import.unreadable_cell',
    '9007199254740993',
  ],
  'a fraction of a case': [
    edited(whole, '规章', (line) => line.replace('7', '7.5')),
    'import.unreadable_cell',
    '7.5',
  ],
  'a negative count': [
    edited(whole, '规章', (line) => line.replace('7', '-7')),
    'import.unreadable_cell',
    '-7',
  ],
  'a figure in the label': [
    edited(whole, '行政许可', (line) => line.replace('行政许可', '行政许可7')),
    'import.unreadable_row',
    '行政许可7',
  ],
  'a group label with values': [
    edited(whole, '（三）不予公开', (line) => line.replace('1.属于国家秘密\t', '')),
    'import.unreadable_row',
    '（三）不予公开',
  ],
  'a row twice': [
    edited(whole, '1.属于国家秘密', (line) => `${line}\n${line}`),
    'import.duplicate_row',
    '1.属于国家秘密',
  ],
  'a row missing': [without(whole, '2.重复申请'), 'import.missing_row'],
  'an item missing': [without(whole, '行政强制'), 'import.missing_row'],
  'a table twice': [whole + from(whole, '第二十条第（一）项', '三、收到'), 'import.duplicate_table'],
  'a column header missing': [whole.replace('科研机构', ''), 'import.unreadable_header'],
  'a column header of no edition': [
    whole.replace('本年新公开数量', '本年新办数量'),
    'import.unreadable_row',
    '规章',
  ],
  'a header of section four missing': [whole.replace('尚未审结', ''), 'import.unreadable_header'],
  'a lost tab in section four': [
    edited(real, '\t\t\t\t\t0\t0', (line) => line.slice(1)),
    'import.unreadable_row',
  ],
  'two lines of values in section four': [
    edited(real, '\t\t\t\t\t0\t0', (line) => `${line}\n${line}`),
    'import.unreadable_row',
  ],
  'no values in section four': [edited(real, '\t\t\t\t\t0\t0', () => ''), 'import.missing_row'],
  'the second half of a cut row missing': [
    without(real, '“一稳定”'),
    'import.unreadable_row',
    '3.危及“三安全”',
  ],
  'no year': [real.replace('2020 年政府', '政府'), 'import.no_year'],
  'two years': [real.replace('2020 年政府', '2019年2020 年政府'), 'import.no_year', '2019年'],
  'a year before the form': [real.replace('2020 年政府', '2018 年政府'), 'import.year_out_of_range', '2018'],
  'a row of the form outside its table': [
    `${whole}\n规章\t1\t2\t3`,
    'import.unreadable_row',
    '规章\t1\t2\t3',
  ],
};

for (const [what, [text, code, quoted]] of Object.entries(refused))
  t.test(`${what}: refused whole, with the line`, async (t) => {
    const { document, findings } = importText(text);
    t.equal(document, null);
    t.ok(
      findings.length > 0 &&
        findings.every(({ severity, status }) => severity === 'error' && status === 'failed'),
    );
    const finding = findings.find(
      (each) => each.code === code && (quoted === undefined || each.raw?.includes(quoted)),
    );
    t.ok(finding, `${code} among ${findings.map((each) => `${each.code} ${each.raw}`).join('; ')}`);
    if (quoted !== undefined && finding) {
      t.ok(finding.message.zh.includes(finding.raw!) && finding.message.en.includes(finding.raw!));
      t.equal(finding.raw, lineWith(text, finding.raw!));
    }
    for (const { cells } of findings)
      t.ok(
        cells.every((cell) => cell.value === null),
        'no figures',
      );
  });

t.test('what is no number beside the label of a row is told as such, whatever it is', async (t) => {
  const first = (value: string) => edited(real, '部分公开', (line) => line.replace('\t0\t', `\t${value}\t`));
  for (const value of ['无', '约3', '10%', '3?', '二', '2/3', '-5', '3.5']) {
    const { findings } = importText(first(value));
    t.strictSame(
      findings.map(({ code, cells }) => [code, cells.map(({ cell }) => cell)]),
      [['import.unreadable_cell', ['request_statistics.partly_granted.natural_person']]],
      value,
    );
    t.ok(findings[0]!.message.zh.includes(value));
  }
  const blank = importText(first('&nbsp;')).document!;
  const row = blank.request_statistics.find((each) => each.row === 'partly_granted');
  t.equal(row?.natural_person, null, 'white space as a page spells it is none');
});

t.test('text whose tabs are lost is told from text with two tables', async (t) => {
  for (const between of ['', ' ', '  ', '\u3000', ','])
    t.strictSame(
      new Set(importText(real.replaceAll('\t', between)).findings.map(({ code }) => code)),
      new Set(['import.run_together']),
      JSON.stringify(between),
    );
});

t.test('a clause of the law in the text opens no table', async (t) => {
  const text = real.replace('二、主动公开', '第二十条第（一）项\n为重点内容。\n\n\n\n\n二、主动公开');
  const { document } = importText(text);
  t.match(document?.overview, '第二十条第（一）项\n为重点内容。');
  t.strictSame(document?.disclosure_items, importText(real).document?.disclosure_items);
});

t.test('a year is taken from the caller where the title has none or a wrong one', async (t) => {
  const text = real.replace('2020 年政府', '政府');
  t.equal(importText(text, { year: 2020 }).document?.year, 2020);
  t.equal(importText(real, { latest_year: 2019 }).document, null);
  t.equal(importText(real, { latest_year: 2020 }).document?.year, 2020);
});

t.test('a year the caller gives against the title is read, with a warning that names both', async (t) => {
  const overridden = (text: string, year: number) =>
    importText(text, { year }).findings.filter(({ code }) => code === 'import.year_overridden');
  const [finding, ...more] = overridden(real, 2023);
  t.equal(more.length, 0);
  t.match(finding, { severity: 'warning', status: 'failed', raw: lineWith(real, '2020 年政府') });
  for (const message of [finding!.message.zh, finding!.message.en]) {
    t.match(message, '2020');
    t.match(message, '2023');
  }
  t.equal(importText(real, { year: 2023 }).document?.year, 2023);
  t.strictSame(overridden(real, 2020), [], 'the year of the title');
  t.strictSame(overridden(real.replace('2020 年政府', '政府'), 2023), [], 'a title without a year');
  t.strictSame(importText(real, { year: 2020 }), importText(real), 'the same is no difference');
  const two = real.replace('2020 年政府', '2019年2020 年政府');
  t.match(overridden(two, 2020)[0]?.message.en, 'the title says 2019, 2020; read as 2020');
});

t.test('a text with thousands of bad lines is answered with a bounded list', async (t) => {
  const text = `${real}\n${'规章\t1\t2\n'.repeat(5000)}`;
  const { document, findings } = importText(text);
  t.equal(document, null);
  t.ok(findings.length <= 201);
  t.equal(findings.at(-1)?.code, 'import.more_findings');
});
