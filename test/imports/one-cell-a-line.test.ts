import t from 'tap';
import { editionByKey } from '../../src/editions/index.ts';
import { importText } from '../../src/imports/index.ts';
import { countingPrint, printReport } from './layout-1.ts';
import { bare, printPage } from './page.ts';

const edition = editionByKey('2021');
const text = printPage(edition, edition, printReport(edition, edition, countingPrint()).raws, bare);

/** What stands between the cells of a text with one cell a line. */
const separators: Record<string, string> = {
  'a line end': '\n',
  'blank lines': '\n\n',
  'a pipe at the end of each cell': ' |\n',
  'a pipe alone on a line': '\n|\n',
};
for (const [what, separator] of Object.entries(separators))
  t.test(`with ${what} between cells, a text is told to have one cell a line`, async (t) => {
    const { document, findings } = importText(text.replaceAll('\t', separator));
    t.equal(document, null);
    t.equal(findings.length, 1);
    t.match(findings, [
      {
        code: 'import.unknown_layout',
        raw: /^规章/,
        message: { zh: /每行只有一个单元格/, en: /one cell a line/ },
      },
    ]);
  });

t.test('one or two lines that are labels of the form may be text', async (t) => {
  const { findings } = importText('某局2020年政府信息公开工作年度报告\n规章\n行政许可\n今年以来……');
  t.match(findings, [{ code: 'import.no_tables' }]);
});
