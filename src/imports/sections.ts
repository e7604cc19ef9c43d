import type { CellNote } from '../editions/figures.ts';
import type { ImportFindings } from './findings.ts';
import { isRowLabel } from './form-labels.ts';
import { headingOf, type Section } from './headings.ts';
import { filledCells, type Line } from './lines.ts';
import { narrativeOf } from './narrative.ts';
import type { Region, TableSection } from './regions.ts';
import type { Title } from './title.ts';
import { looksLikeValue } from './values.ts';

export const tableNames: Record<TableSection, { zh: string; en: string }> = {
  disclosure_items: { zh: '第二部分（主动公开政府信息情况）', en: 'section two (disclosure items)' },
  request_statistics: { zh: '第三部分（收到和处理政府信息公开申请情况）', en: 'section three (requests)' },
  review_litigation_counts: {
    zh: '第四部分（行政复议、行政诉讼情况）',
    en: 'section four (review and litigation)',
  },
};
export const tableSections = Object.keys(tableNames) as TableSection[];

/** What a note and a narrative can hold (UTF-16 units); longer text beside a table goes to the overview. */
const longestNote = 2000;
const longestNarrative = 500_000;

interface Narrative {
  overview: string | null;
  problems: string | null;
  other_matters: string | null;
}

/**
 * The three sections of text. All before the first table is the overview; after it, text beside a table becomes a
 * note on the table; after the last, the headings of sections five and six part what follows. A heading counts
 * once and only forwards, so that a sub-heading with the same words stays text.
 */
export function readNarrative(
  regions: readonly Region[],
  title: Title,
  notes: CellNote[],
  findings: ImportFindings,
): Narrative {
  const parts: Record<Section, (Line | string)[]> = {
    overview: [],
    disclosure_items: [],
    request_statistics: [],
    review_litigation_counts: [],
    problems: [],
    other_matters: [],
  };
  const lastTable = regions.findLastIndex((region) => region.table !== null);
  const headed = new Set<Section>();
  let section: Section = 'overview';
  for (const [index, region] of regions.entries()) {
    if (region.table !== null) {
      section = region.table;
      continue;
    }
    const filled = region.lines.filter((line) => !line.blank && !title.lines.has(line));
    for (const [place, line] of filled.entries()) {
      const cells = filledCells(line);
      if (cells.length > 1 && cells.some(isRowLabel)) {
        findings.error(
          'import.unreadable_row',
          {
            zh: '表外有一行像是表中的数据，应在表内列名之下',
            en: 'a row of the form stands outside its table; it should stand under its headers',
          },
          { line },
        );
        continue;
      }
      const above = regions[index - 1]?.lines.at(-1);
      if (place === 0 && above?.page === line.page && looksLikeValue(cells[0]!)) {
        findings.error(
          'import.unreadable_row',
          {
            zh: '表的下方紧接着单独的数字，可能是上一行数值的一部分；数值应在同一行',
            en: 'a figure stands alone right below the table and may be cut from the row above; it should be in that row',
          },
          { line },
        );
        continue;
      }
      const heading = cells.length === 1 ? headingOf(cells[0]!) : undefined;
      const isTable = heading !== undefined && (tableSections as Section[]).includes(heading.section);
      // The heading of a table stands right before it; in a list of contents it does not.
      const opensTable =
        isTable && place === filled.length - 1 && regions[index + 1]?.table === heading.section;
      const opensText =
        heading !== undefined &&
        !isTable &&
        !headed.has(heading.section) &&
        (heading.section === 'overview'
          ? section === 'overview'
          : index > lastTable && section !== 'other_matters');
      if (heading === undefined || !(opensTable || opensText)) {
        parts[section].push(line);
        continue;
      }
      headed.add(heading.section);
      section = heading.section;
      if (heading.rest !== '') parts[section].push(heading.rest);
    }
  }
  for (const table of tableSections) {
    const beside = narrativeOf(parts[table]);
    if (beside === null) continue;
    findings.add(
      'info',
      'import.text_beside_table',
      {
        zh: `${tableNames[table].zh}的表旁有文字，保留为附注`,
        en: `text beside the table of ${tableNames[table].en} is kept as a note`,
      },
      { line: parts[table].find((part) => typeof part !== 'string'), place: table },
    );
    const kept = notes.find((note) => note.cell === table);
    if (beside.length + (kept?.raw.length ?? 0) >= longestNote)
      parts.overview = [...parts.overview, ...parts[table]];
    else if (kept) kept.raw = `${kept.raw}\n${beside}`;
    else notes.push({ cell: table, raw: beside, note: null });
  }
  const narrative = {
    overview: narrativeOf(parts.overview),
    problems: narrativeOf(parts.problems),
    other_matters: narrativeOf(parts.other_matters),
  };
  for (const [name, zh] of [
    ['overview', '总体情况'],
    ['problems', '存在的主要问题及改进情况'],
    ['other_matters', '其他需要报告的事项'],
  ] as const)
    if ((narrative[name]?.length ?? 0) > longestNarrative)
      findings.error(
        'import.too_long',
        {
          zh: `“${zh}”超过${longestNarrative}字`,
          en: `the section ${zh} is longer than ${longestNarrative} characters`,
        },
        { place: name },
      );
    else if (narrative[name] === null)
      findings.add(
        'warning',
        'import.missing_section',
        { zh: `没有找到“${zh}”的文字`, en: `no text was found for the section ${zh}` },
        { place: name },
      );
  return narrative;
}
