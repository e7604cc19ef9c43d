import t from 'tap';
import { editionByKey } from '../../src/editions/index.ts';
import { importText, wordFile } from '../../src/imports/index.ts';
import { countingPrint, printReport } from './layout-1.ts';
import { printPage, word } from './page.ts';

const edition = editionByKey('2021');
const { raws, figures } = printReport(edition, edition, countingPrint());
const markup = printPage(edition, edition, raws, word);
const importWord = (xml: string) => importText(xml, {}, wordFile);

/** A cell as the print has it, and what it holds. */
const cellOf = (text: string) => `<w:tc><w:tcPr><w:tcW w:w="900"/></w:tcPr>${word.cell(text)}</w:tc>`;
/** The runs of a text with one property. */
const run = (text: string, property = '') => `<w:r><w:rPr>${property}</w:rPr><w:t>${text}</w:t></w:r>`;
const cell = (runs: string, property = '') => `<w:tc><w:tcPr>${property}</w:tcPr><w:p>${runs}</w:p></w:tc>`;

/** The file with the first figure, 7, in another cell; the next one is 14. */
function changed(to: string, from = cellOf('7')): string {
  const xml = markup.replace(from, to);
  t.not(xml, markup);
  return xml;
}
const firstOf = (xml: string) => importWord(xml).document?.disclosure_items[0]?.value;

t.test('a figure that could be another one, or of another cell, is refused', async (t) => {
  const refused: Record<string, string> = {
    'with a footnote mark': changed(cell(run('7') + run('1', '<w:vertAlign w:val="superscript"/>'))),
    'with another one struck out': changed(cell(run('8', '<w:strike/>') + run('7'))),
    'on two lines': changed(cell(`${run('7')}<w:r><w:br/><w:t>1</w:t></w:r>`)),
    'in two paragraphs': changed(cell(`${run('7')}</w:p><w:p>${run('1')}`)),
    'as a picture': changed(cell('<w:r><w:drawing><wp:inline/></w:drawing></w:r>')),
    'as a symbol': changed(cell('<w:r><w:sym w:font="Wingdings" w:char="F08C"/></w:r>')),
    'merged across columns': changed(cell(run('7'), '<w:gridSpan w:val="2"/>'), cellOf('7') + cellOf('14')),
    'beside one too many': changed(cellOf('7') + cellOf('7')),
    'beside one too few': changed(cellOf('7'), cellOf('7') + cellOf('14')),
    'merged with the cell below': changed(cell(run('7'), '<w:vMerge w:val="restart"/>')).replace(
      cellOf('28'),
      cell('', '<w:vMerge/>'),
    ),
  };
  for (const [what, xml] of Object.entries(refused)) {
    const { document, findings } = importWord(xml);
    t.equal(document, null, what);
    t.match(findings[0], { severity: 'error', raw: /规章|行政规范性文件/ }, what);
  }
});

t.test('what is tracked as changed counts as it is now, and what is hidden not at all', async (t) => {
  const read: Record<string, string> = {
    deleted: `<w:del w:id="1"><w:r><w:delText>9</w:delText></w:r></w:del>${run('7')}`,
    'moved away': `<w:moveFrom w:id="1">${run('9')}</w:moveFrom>${run('7')}`,
    inserted: `<w:ins w:id="1">${run('7')}</w:ins>`,
    hidden: `${run('9', '<w:vanish/>')}${run('7')}`,
    'once struck out': run('7', '<w:rPrChange w:id="1"><w:rPr><w:strike/></w:rPr></w:rPrChange>'),
    'worked out by a field': `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> =SUM(1,6) </w:instrText></w:r>${run('7')}`,
    'in a box with a copy for old programs': `<mc:AlternateContent><mc:Choice>${run('7')}</mc:Choice><mc:Fallback>${run('7')}</mc:Fallback></mc:AlternateContent>`,
  };
  for (const [what, runs] of Object.entries(read)) t.equal(firstOf(changed(cell(runs))), 7, what);
  t.equal(firstOf(changed(cell(run('7') + run('0')))), 70, 'digits in runs of their own');
  t.equal(firstOf(changed(cell(''))), null, 'nothing');
});

t.test('columns that a row leaves out at its left are empty', async (t) => {
  const row = `<w:tr><w:trPr><w:cantSplit/></w:trPr>${cellOf('')}`;
  const at = markup.lastIndexOf('<w:tr>', markup.indexOf(cellOf('7')));
  t.ok(at > 0 && !markup.includes(row));
  const { document } = importWord(
    markup.replaceAll(
      '<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w="900"/><w:vMerge/></w:tcPr><w:p><w:pPr><w:jc w:val="center"/><w:rPr><w:strike/></w:rPr></w:pPr></w:p></w:tc>',
      '<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>',
    ),
  );
  t.strictSame(document?.request_statistics, figures.request_statistics);
});

t.test('what is no markup of a Word file has no tables', async (t) => {
  for (const xml of [
    '',
    '<',
    '<html><table><tr><td>规章<td>0</table></html>',
    '<w:tbl><w:tr><w:tc>',
    '</w:tc>',
  ])
    t.match(importWord(xml), { document: null, findings: [{ code: 'import.no_tables' }] }, xml);
  for (const part of ['<w:p>', '<w:p/>', '<w:tc/>', '<w:tbl/>', '<w:r><w:t>1</w:t></w:r>', '<w:gridBefore/>'])
    for (const start of ['', '<w:tbl><w:tr>'])
      t.equal(importWord(start + part.repeat(2_000_000 / part.length)).document, null, start + part);
});
