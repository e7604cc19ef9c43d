import { readFileSync } from 'node:fs';
import t from 'tap';
import { importText } from '../../src/imports/index.ts';
import { mostCells, mostLines } from '../../src/imports/limits.ts';

const real = readFileSync(new URL('../../examples/shengli-2020.txt', import.meta.url), 'utf8');
const size = 1_000_000;
const filled = (part: string) => part.repeat(Math.ceil(size / part.length)).slice(0, size);

/** A megabyte of what each step of the reading could stumble over. */
const hostile: Record<string, string> = {
  'one line of letters': filled('公开'),
  'empty lines': filled('\n'),
  'one line of tabs': filled('\t'),
  'tabs and line ends': `信息内容\t\n${filled('\t\n')}`,
  'copies of a real document': filled(real),
  'rows of a table': `信息内容\t本年新\n${filled('规章\t0\t0\t0\n')}`,
  'rows nobody knows': `${real}\n信息内容\t本年新\n${filled('某某\t0\n')}`,
  'headers of section three': filled('\t自然人\t总计\n'),
  'headers of section four': filled('行政复议\t行政诉讼\n'),
  'one wide header of section four': `行政复议\t行政诉讼\t${filled('总计\t')}`,
  'labels cut everywhere': `${real.slice(0, real.indexOf('一、本年新收'))}${filled('3.危及\t\n')}`,
  digits: `信息内容\t采购项目数量\t采购总金额\n政府集中采购\t1\t${filled('9')}`,
  'digits and commas': `信息内容\t采购项目数量\t采购总金额\n政府集中采购\t1\t${filled('1,')}`,
  'spaces between digits': `信息内容\t采购项目数量\t采购总金额\n政府集中采购\t1\t1${filled(' ')}x`,
  brackets: `信息内容\t采购项目数量\t采购总金额\n政府集中采购\t1\t1${filled('（')}`,
  'a title without end': `2020年${filled('政府信息公开')}\n信息内容\t1`,
  years: `${filled('2020年')}\n信息内容\t1`,
  headings: `${real}${filled('\n五、存在的问题')}`,
  'short paragraphs that go on': `${real}${filled('\n公开，')}`,
  pipes: filled('|'),
  'run-together rows': filled('规章000\n'),
  'ligatures that grow when folded': filled('\ufdfa\t'),
};

t.test(
  'a megabyte of anything is answered: what took more than linear time would not be, before the runner gives up',
  async (t) => {
    for (const [what, text] of Object.entries(hostile)) {
      const { document, findings } = importText(text);
      t.ok(document !== null || findings.some((finding) => finding.severity === 'error'), what);
    }
  },
);

/** As much of a text as is read: up to the line, tab or pipe that is one too many. */
function withinLimits(text: string): string {
  const lines = text.split('\n').slice(0, mostLines);
  let tabs = 0;
  const end = lines.findIndex((line) => {
    tabs += line.split(/[\t|]/).length - 1;
    return tabs > mostCells;
  });
  return lines.slice(0, end < 0 ? undefined : end).join('\n');
}
const numbered = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

t.test('what is not too long is read in a moment, whatever it is', async (t) => {
  const distinct: Record<string, string> = {
    'lines that all differ': numbered(mostLines, (index) => `今年以来${index}，公开工作有序开展`),
    'paragraphs that all differ': `${real}${numbered(mostLines, (index) => `今年以来${index}，公开有序`)}`,
    'run-together rows that all differ': numbered(mostLines, (index) => `规章${index}`),
    'rows of section two that all differ': `${real}\n信息内容\t本年新\n${numbered(mostLines, (index) => `某${index}\t0`)}`,
    'rows of section three that all differ': `${real.slice(0, real.indexOf('一、本年新收'))}${numbered(mostLines, (index) => `3.危及${index}\t0\t1\t2`)}`,
  };
  for (const [what, text] of Object.entries({ ...hostile, ...distinct })) {
    const given = withinLimits(text);
    const { findings } = importText(given);
    t.notOk(findings[0]?.finding_key.startsWith('import.too_long:document:'), `${what} is not too long`);
  }
});

t.test('a text with too many lines or tabs is refused before it is cut into lines', async (t) => {
  const many: Record<string, string> = {
    'line feeds': '\n'.repeat(2_000_000),
    'carriage returns': '\r'.repeat(2_000_000),
    'one line too many': '\r\n'.repeat(mostLines),
    'a document with empty lines after it': real + '\n'.repeat(mostLines),
    'one tab too many': '\t'.repeat(mostCells + 1),
  };
  for (const [what, text] of Object.entries(many)) {
    const result = importText(text);
    t.match(result, { document: null, organ_name: null, layout: null });
    t.strictSame(
      result.findings.map(({ code, severity, line }) => [code, severity, line]),
      [['import.too_long', 'error', null]],
      what,
    );
  }
  for (const text of ['\n'.repeat(mostLines - 1), '\r\n'.repeat(mostLines - 1), '\t'.repeat(mostCells)])
    t.equal(importText(text).findings[0]?.code, 'import.no_tables', 'as many as are read');
  const document = importText(real + '\n'.repeat(10_000)).document;
  t.strictSame(document, importText(real).document, 'empty lines after a document change nothing of it');
});
