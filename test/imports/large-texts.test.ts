import { readFileSync } from 'node:fs';
import t from 'tap';
import { importText } from '../../src/imports/index.ts';

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
