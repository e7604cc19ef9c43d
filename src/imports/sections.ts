import type { Label } from '../editions/edition.ts';
import type { CellNote } from '../editions/figures.ts';
import type { ImportFindings } from './findings.ts';
import { isRowLabel } from './form-labels.ts';
import { headingOf, type Section } from './headings.ts';
import { filledCells, type Line } from './lines.ts';
import { narrativeOf } from './narrative.ts';
import type { Region, TableSection } from './regions.ts';
import { unreadableRow } from './table.ts';
import type { Title } from './title.ts';
import { looksLikeValue } from './values.ts';

export const tableNames: Record<TableSection, Label> = {
  disclosure_items: { zh: '第二部分（主动公开政府信息情况）', en: 'section two (disclosure items)' },
  request_statistics: { zh: '第三部分（收到和处理政府信息公开申请情况）', en: 'section three (requests)' },
  review_litigation_counts: {
    zh: '第四部分（行政复议、行政诉讼情况）',
    en: 'section four (review and litigation)',
  },
};
export const tableSections = Object.keys(tableNames) as TableSection[];

/**
 * How much a note and a section of text can hold, in UTF-16 units. Longer text beside a table goes to the
 * overview.
 */
const longestNote = 2000;
const longestNarrative = 500_000;

const narrativeNames = {
  overview: '总体情况',
  problems: '存在的主要问题及改进情况',
  other_matters: '其他需要报告的事项',
};
type NarrativeSection = keyof typeof narrativeNames;

/** The text of the three sections that have no table. Text beside a table becomes a note on the table. */
export function readNarrative(
  regions: readonly Region[],
  title: Title,
  notes: CellNote[],
  findings: ImportFindings,
): Record<NarrativeSection, string | null> {
  const parts = partsOf(regions, title, findings);
  for (const table of tableSections) {
    const beside = narrativeOf(parts[table]);
    if (beside === null) continue;
    const kept = notes.find((note) => note.cell === table);
    const isLong = beside.length + (kept?.raw.length ?? 0) >= longestNote;
    findings.add(
      'info',
      'import.text_beside_table',
      {
        zh: `${tableNames[table].zh}的表旁有文字，${isLong ? '并入总体情况' : '保留为附注'}`,
        en: `text beside the table of ${tableNames[table].en} is ${isLong ? 'put at the end of the overview' : 'kept as a note'}`,
      },
      { line: parts[table].find((part) => typeof part !== 'string'), place: table },
    );
    if (isLong) parts.overview.push(...parts[table]);
    else if (kept) kept.raw = `${kept.raw}\n${beside}`;
    else notes.push({ cell: table, raw: beside, note: null });
  }
  return {
    overview: checkedNarrative('overview', parts, findings),
    problems: checkedNarrative('problems', parts, findings),
    other_matters: checkedNarrative('other_matters', parts, findings),
  };
}

const headingIn = (cells: readonly string[]) => (cells.length === 1 ? headingOf(cells[0]!) : undefined);
const isHeading = (line: Line) => headingIn(filledCells(line)) !== undefined;

type Parts = Record<Section, (Line | string)[]>;

/**
 * The text of each section. Everything before the first table is the overview. After it, text belongs to the
 * table above. After the last table, the headings of sections five and six divide what follows. A heading
 * counts once and only forwards, so that a sub-heading with the same words stays text.
 */
function partsOf(regions: readonly Region[], title: Title, findings: ImportFindings): Parts {
  const parts: Parts = {
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
      const above = place === 0 ? regions[index - 1]?.lines.at(-1) : undefined;
      const why = whyNoText(line, cells, above);
      if (why !== undefined) {
        unreadableRow(findings, line, why);
        continue;
      }
      const heading = headingIn(cells);
      // The heading of a table is the last one before it; in a list of contents others follow.
      const isRightAbove = (table: string) =>
        table === regions[index + 1]?.table && !filled.slice(place + 1).some(isHeading);
      const isOpened =
        heading !== undefined &&
        (heading.section in tableNames
          ? isRightAbove(heading.section)
          : !headed.has(heading.section) &&
            (heading.section === 'overview'
              ? section === 'overview'
              : index > lastTable && section !== 'other_matters'));
      if (!isOpened) {
        parts[section].push(line);
        continue;
      }
      headed.add(heading.section);
      section = heading.section;
      if (heading.rest !== '') parts[section].push(heading.rest);
    }
  }
  return parts;
}

/**
 * Why a line outside the tables may belong to one; undefined where it is text. `above` is the last line of a
 * table, if that stands right above.
 */
function whyNoText(line: Line, cells: readonly string[], above: Line | undefined): Label | undefined {
  if (cells.length > 1 && cells.some(isRowLabel))
    return {
      zh: '表外有一行像是表中的数据，应在表内列名之下',
      en: 'a row of the form stands outside its table; it should stand under its headers',
    };
  if (above?.page === line.page && looksLikeValue(cells[0]!))
    return {
      zh: '表的下方紧接着单独的数字，可能是上一行数值的一部分；数值应在同一行',
      en: 'a figure stands alone right below the table and may be cut from the row above; it should be in that row',
    };
  return undefined;
}

/** The text of a section. A missing one is a warning, and one that is too long an error. */
function checkedNarrative(section: NarrativeSection, parts: Parts, findings: ImportFindings): string | null {
  const text = narrativeOf(parts[section]);
  const name = narrativeNames[section];
  if (text === null)
    findings.add(
      'warning',
      'import.missing_section',
      { zh: `没有找到“${name}”的文字`, en: `no text was found for the section ${name}` },
      { place: section },
    );
  else if (text.length > longestNarrative)
    findings.error(
      'import.too_long',
      {
        zh: `“${name}”超过${longestNarrative}字`,
        en: `the section ${name} is longer than ${longestNarrative} characters`,
      },
      { place: section },
    );
  return text;
}
