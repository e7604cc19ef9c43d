import { ImportFindings } from './findings.ts';
import { isFormLabel, isRunTogether } from './form-labels.ts';
import type { Line } from './lines.ts';
import type { ImportResult } from './result.ts';
import { readTitle } from './title.ts';

/** How many lines are quoted: enough to show a person what is wrong with the text. */
const mostQuoted = 5;

/** Quotes the rows of the form whose cells are run together. Returns whether there are any. */
export function quoteRunTogether(lines: readonly Line[], findings: ImportFindings): boolean {
  const together = lines.filter(isRunTogether).slice(0, mostQuoted);
  for (const line of together)
    findings.error(
      'import.run_together',
      {
        zh: '单元格连在一起，无法确定各个数值；应以制表符分隔，或为网页、Word文件中的表格',
        en: 'its cells are run together and cannot be told apart; tabs between the cells are right, or a table of a page or Word file',
      },
      { line },
    );
  return together.length > 0;
}

/** So many lines that are labels of the form and nothing else come from tables, not from text. */
const fewestLabels = 3;

/**
 * The first line that is nothing but a label of the form, in a text with several: it has one cell a line. A pipe
 * may stand at either end of a cell.
 */
function lineOfOneCell(lines: readonly Line[]): Line | undefined {
  const labels = lines.filter(
    ({ raw }) => raw.length <= longestLabel && isFormLabel(raw.replaceAll('|', '')),
  );
  return labels.length < fewestLabels ? undefined : labels[0];
}
const longestLabel = 100;

/** Says why a text has no tables that can be read. The result is always a refusal. */
export function diagnose(lines: readonly Line[]): ImportResult {
  const findings = new ImportFindings();
  const isTogether = quoteRunTogether(lines, findings);
  const piped = lines.find((line) => line.raw.split('|').length > 3);
  const oneCell = lineOfOneCell(lines);
  if (!isTogether && oneCell !== undefined)
    findings.error(
      'import.unknown_layout',
      {
        zh: '每行只有一个单元格，这种排版不能读取；应以制表符分隔同一行的单元格，或为网页、Word文件中的表格',
        en: 'one cell a line is not read; tabs between the cells of a row are right, or a table of a page or Word file',
      },
      { line: oneCell },
    );
  else if (!isTogether && piped !== undefined)
    findings.error(
      'import.unknown_layout',
      {
        zh: '这种表格排版尚不能读取；应以制表符分隔单元格，或为网页、Word文件中的表格',
        en: 'tables laid out like this are not read yet; tabs between the cells are right, or a table of a page or Word file',
      },
      { line: piped },
    );
  if (!findings.refused)
    findings.error(
      'import.no_tables',
      {
        zh: '文中没有可读取的表格（数据可能是图片或附件），应有第二、三、四部分的表',
        en: 'there are no readable tables (the figures may be images or attachments); the tables of sections two, three and four are right',
      },
      { line: lines.find((line) => !line.blank) },
    );
  return {
    document: null,
    organ_name: readTitle(lines).organ_name,
    layout: null,
    findings: findings.finish(),
  };
}
