import { type Outcome, outcomes, type Proceeding, proceedings } from '../editions/edition.ts';
import type { CellNote, ReviewLitigationCountsRow } from '../editions/figures.ts';
import { endsOf, hasColumns } from './bare-header.ts';
import type { ImportFindings } from './findings.ts';
import { plainLabel } from './labels.ts';
import { filledCells, isFramed, type Line } from './lines.ts';
import { readCells, type Target, unreadableRow } from './table.ts';
import { caseCount } from './values.ts';

const proceedingLabels = new Map<string, Proceeding>(
  proceedings.map(({ proceeding, label }) => [plainLabel(label.zh), proceeding]),
);
const outcomeLabels = new Map<string, Outcome>(
  outcomes.map(({ outcome, label }) => [plainLabel(label.zh), outcome]),
);
/** The label that spans the two ways to court. It has no column of its own. */
const litigation = plainLabel('行政诉讼');

const isHeader = (line: Line): boolean =>
  !line.blank &&
  filledCells(line).every((cell) => {
    const key = plainLabel(cell);
    return key === litigation || proceedingLabels.has(key) || outcomeLabels.has(key);
  });

/** True for a line that opens the table of section four. */
export const opensReviewTable = (line: Line): boolean =>
  line.cells.length > 1 &&
  filledCells(line).length > 1 &&
  isHeader(line) &&
  filledCells(line).some((cell) => plainLabel(cell) === litigation);

/** The labels of a header whose merged cells leave nothing behind, line by line. */
const bareLabels = (() => {
  const [review, ...others] = proceedings.map(({ label }) => label.zh);
  const ends = outcomes.map(({ label }) => label.zh);
  return [
    [review!, litigation],
    [...ends, ...others],
    [...ends, ...ends],
  ];
})();

function targetOf(proceeding: (typeof proceedings)[number], outcome: Outcome): Target {
  const { label } = outcomes.find((each) => each.outcome === outcome)!;
  return {
    cell: `review_litigation_counts.${proceeding.proceeding}.${outcome}`,
    label: { zh: `${proceeding.label.zh} · ${label.zh}`, en: `${proceeding.label.en} · ${label.en}` },
    measure: caseCount,
  };
}

/** The cells of the form in their order, which are the columns under a header that stands in none. */
const columnsInOrder = (): Map<number, Target> =>
  new Map(
    proceedings
      .flatMap((proceeding) => outcomes.map(({ outcome }) => targetOf(proceeding, outcome)))
      .entries(),
  );

/** The cell of the form in each column; undefined unless each of the fifteen is there exactly once. */
function columnsOf(header: readonly Line[]): Map<number, Target> | undefined {
  const starts = new Map<number, Proceeding>();
  const ends = new Map<number, Outcome>();
  for (const line of header)
    for (const [index, cell] of line.cells.entries()) {
      const key = plainLabel(cell);
      const proceeding = proceedingLabels.get(key);
      const outcome = outcomeLabels.get(key);
      if ((proceeding && starts.has(index)) || (outcome && ends.has(index))) return undefined;
      if (proceeding) starts.set(index, proceeding);
      if (outcome) ends.set(index, outcome);
    }
  const columns = new Map<number, Target>();
  const seen = new Set<string>();
  for (const [index, outcome] of ends) {
    const start = Math.max(...[...starts.keys()].filter((place) => place <= index));
    const proceeding = proceedings.find((each) => each.proceeding === starts.get(start));
    if (proceeding === undefined) return undefined;
    const target = targetOf(proceeding, outcome);
    if (seen.has(target.cell)) return undefined;
    seen.add(target.cell);
    columns.set(index, target);
  }
  return starts.size === proceedings.length && columns.size === proceedings.length * outcomes.length
    ? columns
    : undefined;
}

/**
 * Reads section four: three header lines and, under them, one line of fifteen values without a label. A
 * column belongs to the nearest proceeding at or left of it. Fifteen blanks are a line of nothing but tabs,
 * which its width tells from an empty line. Where merged cells leave nothing behind, the fifteen stand in order.
 */
export function readReviewTable(
  lines: readonly Line[],
  notes: CellNote[],
  findings: ImportFindings,
): ReviewLitigationCountsRow[] {
  const header = lines.filter(isHeader);
  const width = header.reduce((most, line) => Math.max(most, line.cells.length), 0);
  const last = header.at(-1);
  const ends = endsOf(header, bareLabels);
  const inPlaces = ends ? columnsInOrder() : columnsOf(header);
  const columns = width > mostColumns ? undefined : inPlaces;
  if (columns === undefined) {
    findings.error(
      'import.unreadable_header',
      {
        zh: `第四部分的列名应为：${proceedings.map(({ label }) => label.zh).join('、')}，各有${outcomes.map(({ label }) => label.zh).join('、')}`,
        en: `section four should have ${proceedings.map(({ label }) => label.zh).join('、')}, each with ${outcomes.map(({ label }) => label.zh).join('、')}`,
      },
      { line: header[0], place: 'review_litigation_counts' },
    );
    return [];
  }
  const filled = lines.filter((line) => !line.blank && !isHeader(line));
  const below = lines.slice(lines.indexOf(last!) + 1);
  const isWide = (line: Line) =>
    ends ? hasColumns(line, 0, columns.size, ends) : line.cells.length === width;
  const empty = below.filter((line) => line.blank && isWide(line));
  const candidates = filled.length > 0 ? filled : empty.slice(0, 1);
  const [line, second] = candidates;
  if (line === undefined) {
    findings.error(
      'import.missing_row',
      { zh: '第四部分的表中没有数值行', en: 'the table of section four has no row of values' },
      { place: 'review_litigation_counts' },
    );
    return [];
  }
  if (second !== undefined) {
    unreadableRow(findings, second, {
      zh: `第四部分只应有一行数值，已见于第${line.number}行`,
      en: `section four has one row of values, which is already at line ${line.number}`,
    });
    return [];
  }
  const places = [...columns].toSorted(([a], [b]) => a - b);
  const targets = places.map(([at, target]) => ({ ...target, printed: line.cells[at] ?? '' }));
  const complete = targets.every(({ printed }) => printed !== '');
  const stray = line.cells.some((cell, index) => cell !== '' && !columns.has(index));
  const wider = line.cells.length - width;
  // Without a pipe in front of the header, one in front of the row may part a blank cell.
  const isFramedOtherwise = isFramed(line) !== isFramed(last!);
  const isUnfit = ends ? !isWide(line) : wider > 0 || (!complete && wider < 0);
  if (stray || !below.includes(line) || isUnfit || isFramedOtherwise) {
    const all = ends && 'behind' in ends ? columns.size + ends.behind : width;
    unreadableRow(
      findings,
      line,
      {
        zh: `应有15个数值（空格也占一格，全行${all}格），此行${line.cells.length}格，无法确定各属哪一列`,
        en: `15 values are right (an empty one keeps its cell: ${all} cells in all); this row has ${line.cells.length} and which columns they are is not certain`,
      },
      targets,
    );
    return [];
  }
  const found = readCells(line, targets, notes, findings);
  if (found === undefined) return [];
  const values = new Map(targets.map(({ cell }, index) => [cell, found[index]!.value]));
  return proceedings.map(({ proceeding }) => ({
    proceeding,
    ...(Object.fromEntries(
      outcomes.map(({ outcome }) => [
        outcome,
        values.get(`review_litigation_counts.${proceeding}.${outcome}`) ?? null,
      ]),
    ) as Record<Outcome, number | null>),
  }));
}

/** Room for fifteen columns and some merged ones. A wider header is not that of this table. */
const mostColumns = 60;
