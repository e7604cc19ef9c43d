import { readFileSync } from 'node:fs';
import t from 'tap';
import { cellValues } from '../../src/editions/figures.ts';
import { formFaults } from '../../src/editions/form-faults.ts';
import { importText } from '../../src/imports/index.ts';

const text = readFileSync(new URL('../../examples/shengli-2020.txt', import.meta.url), 'utf8');
const lines = text.split('\n');
const { report } = JSON.parse(
  readFileSync(new URL('../fixtures/figures.json', import.meta.url), 'utf8'),
).find((entry: { id: string }) => entry.id === 'wuzhong-shengli-2020');
const result = importText(text);
const { document, findings } = result;

t.test('a published report of 2020 is read cell for cell', async (t) => {
  t.ok(document);
  if (document === null) return;
  const expected = cellValues(report);
  t.equal(expected.size, 22 + 23 * 7 + 15);
  t.same([...cellValues(document)].toSorted(), [...expected].toSorted());
  for (const member of Object.keys(report))
    t.strictSame((document as unknown as Record<string, unknown>)[member], report[member], member);
  t.same(formFaults(document, 2030), []);
});

t.test('its title names the organ and the year', async (t) => {
  t.equal(result.layout, 'tab-separated');
  t.equal(result.organ_name, '利通区胜利镇人民政府');
  t.equal(document?.title, '利通区胜利镇人民政府2020 年政府信息公开工作年度报告');
});

t.test('eleven rows without a total are read as six applicants and each is a warning', async (t) => {
  const short = findings.filter((finding) => finding.code === 'import.short_row');
  t.equal(short.length, 11);
  for (const { line, raw, message, severity, cells } of short) {
    t.equal(severity, 'warning');
    t.equal(raw, lines[line! - 1]);
    t.ok(message.zh.includes(raw!) && message.en.includes(raw!), 'the line is quoted');
    t.same(
      cells.map((cell) => cell.value),
      [0, 0, 0, 0, 0, 0, null],
    );
  }
});

t.test('the row that a page break cut is joined, and a finding says so', async (t) => {
  const split = findings.filter((finding) => finding.code === 'import.split_row');
  t.equal(split.length, 1);
  t.equal(split[0]?.severity, 'info');
  t.equal(split[0]?.line, 60);
  t.match(split[0]?.message.zh, '第62行');
});

t.test('nothing else is found but that the scope is an assumption', async (t) => {
  const others = findings.filter(({ code }) => code !== 'import.short_row' && code !== 'import.split_row');
  t.same(
    others.map(({ code, severity }) => [code, severity]),
    [['import.scope_assumed', 'info']],
  );
  t.same(
    importText(text, { scope: 'consolidated' }).findings.filter(({ severity }) => severity === 'info').length,
    1,
  );
  t.equal(new Set(findings.map((finding) => finding.finding_key)).size, findings.length);
});

t.test('its narrative keeps every character but white space, the headings aside', async (t) => {
  const squeezed = (given: string) => given.replace(/\s/g, '');
  const printed = [...lines.slice(6, 26), ...lines.slice(88, 99), ...lines.slice(100)].filter(
    (line) => line !== '一、总体情况',
  );
  t.equal(
    squeezed(`${document?.overview}${document?.problems}${document?.other_matters}`),
    squeezed(printed.join('')),
  );
  const parts = document?.overview?.split('\n') ?? [];
  t.equal(parts.length, 7, 'the introduction, section one and its five numbered parts');
  t.same(
    parts.slice(2).map((part) => part.slice(0, 3)),
    ['（一）', '（二）', '（三）', '（四）', '（五）'],
  );
  t.match(document?.overview, '干部调整、发展目标', 'joined across the page break');
  t.match(document?.overview, '在年底举办');
  t.equal(document?.other_matters, '无。');
});

t.test('line ends, a byte order mark and form feeds change nothing', async (t) => {
  for (const other of [
    text.replaceAll('\n', '\r\n'),
    text.replaceAll('\n', '\r'),
    `\ufeff${text}`,
    text.replaceAll('\n\n', '\n\f\n'),
    text.replace('“三安全”\t\t0', '“三安全”\t\t 0'),
    text.normalize('NFKD'),
  ])
    t.same(importText(other).document?.request_statistics, document?.request_statistics);
});
