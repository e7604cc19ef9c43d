import t from 'tap';
import { editionByKey } from '../../src/editions/index.ts';
import { importText } from '../../src/imports/index.ts';
import { countingPrint, printReport } from './layout-1.ts';
import { bareBetweenPipes, printPage } from './page.ts';

const edition = editionByKey('2021');
const { raws, figures } = printReport(edition, edition, countingPrint());
const text = printPage(edition, edition, raws, bareBetweenPipes);
const plain = importText(text).document!;

t.test('marks of headings and bold words are no part of the words', async (t) => {
  const marked = text
    .replace(/^(?=[一二三四五六]、)/gm, '## ')
    .replace(/^2023年/, '# 2023年')
    .replaceAll(/(?<=\| )([^|\n]+)(?= \|)/g, '**$1**')
    .replace('今年工作平稳。', '**今年工作平稳。**')
    .replace('人手不足。', '### 人手\n**不足**的是人手。');
  const { document, findings } = importText(marked);
  t.strictSame(
    findings.map(({ code }) => code),
    ['import.scope_assumed'],
  );
  t.match(document, { title: plain.title, overview: '今年工作平稳。', other_matters: plain.other_matters });
  t.equal(document?.problems, '人手\n**不足**的是人手。', 'bold words within a line stay as printed');
  for (const part of ['disclosure_items', 'request_statistics', 'review_litigation_counts'] as const)
    t.strictSame(document?.[part], figures[part]);
  t.strictSame(document?.cell_notes, [], 'a bold figure is a plain number');
});

t.test('a line is quoted with its marks', async (t) => {
  const { findings } = importText(text.replace('| 规章 | 7 |', '| **规章** | **若干** |'));
  t.match(findings, [{ code: 'import.unreadable_cell', raw: '| **规章** | **若干** | 14 | 21 |' }]);
});

t.test('what is no whole mark stays, and a figure with it cannot be read', async (t) => {
  for (const figure of ['**7', '7**', '**7** **7**', '# 7', '*7*', '****'])
    t.equal(importText(text.replace('| 规章 | 7 |', `| 规章 | ${figure} |`)).document, null, figure);
  const { document } = importText(text.replace('今年工作平稳。', '#工作\n####### 平稳\n#'));
  t.equal(document?.overview, '#工作\n####### 平稳\n#');
});
