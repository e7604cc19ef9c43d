import type { EditionKey } from '../editions/edition.ts';
import { type CellNote, inFormOrder } from '../editions/figures.ts';
import { editions, firstReportYear } from '../editions/index.ts';
import { folding } from './characters.ts';
import { quoteRunTogether } from './diagnosis.ts';
import { disclosureLikeness, readDisclosureTable } from './disclosure-table.ts';
import { ImportFindings } from './findings.ts';
import type { Line } from './lines.ts';
import { type Region, regionsOf, type TableSection } from './regions.ts';
import { requestLikeness } from './requests-labels.ts';
import { readRequestTable } from './requests-table.ts';
import type { ImportedDocument, ImportOptions, ImportResult } from './result.ts';
import { readReviewTable } from './review-table.ts';
import { readNarrative, tableNames, tableSections } from './sections.ts';
import { readTitle, type Title } from './title.ts';

/** The edition of which a table shows the most labels; the earlier one where two are equal. */
function likeliest(likeness: (edition: (typeof editions)[number]) => number): (typeof editions)[number] {
  let best = editions[0]!;
  let most = -1;
  for (const edition of editions) {
    const likes = likeness(edition);
    if (likes > most) {
      best = edition;
      most = likes;
    }
  }
  return best;
}

/** Reads a report from lines that are cut into cells; null where they hold no table. Never throws. */
export function readReport(
  lines: readonly Line[],
  layout: string,
  options: ImportOptions,
): ImportResult | null {
  const regions = regionsOf(lines);
  const firstTable = regions.findIndex((region) => region.table !== null);
  if (firstTable < 0) return null;
  const findings = new ImportFindings();
  const title = readTitle(regions.slice(0, firstTable).flatMap((region) => region.lines));
  const year = yearOf(title, options, findings);
  checkOrgan(title, options, findings);
  const notes: CellNote[] = [];
  const tables = tablesOf(regions, findings);

  const disclosureLines = tables.get('disclosure_items') ?? [];
  const requestLines = tables.get('request_statistics') ?? [];
  const disclosureEdition = likeliest((edition) => disclosureLikeness(disclosureLines, edition));
  const requestEdition = likeliest((edition) => requestLikeness(requestLines, edition));
  const figures = {
    editions: {
      disclosure_items: disclosureEdition.edition as EditionKey,
      request_statistics: requestEdition.edition as EditionKey,
    },
    disclosure_items: tables.has('disclosure_items')
      ? readDisclosureTable(disclosureLines, disclosureEdition, notes, findings)
      : [],
    request_statistics: tables.has('request_statistics')
      ? readRequestTable(requestLines, requestEdition, notes, findings)
      : [],
    review_litigation_counts: tables.has('review_litigation_counts')
      ? readReviewTable(tables.get('review_litigation_counts')!, notes, findings)
      : [],
  };
  const narrative = readNarrative(regions, title, notes, findings);

  if (options.scope === undefined)
    findings.add('info', 'import.scope_assumed', {
      zh: '文中无法判断数据是本机关的还是汇总的，暂按本机关（own）处理，请核对',
      en: "whose figures these are cannot be read from the text; taken as the organ's own, please check",
    });
  const document: ImportedDocument | null =
    findings.refused || year === undefined
      ? null
      : inFormOrder({
          year,
          scope: options.scope ?? 'own',
          title: title.text,
          published_on: null,
          source_url: null,
          ...figures,
          ...narrative,
          cell_notes: notes,
        });
  return { document, organ_name: title.organ_name, layout, findings: findings.finish() };
}

/** Whether `short` is `long` with some characters left out, as 市发展改革委 is short for 宿迁市发展和改革委员会. */
function abbreviates(short: string, long: string): boolean {
  let at = 0;
  for (const character of long) if (character === short[at]) at++;
  return at === short.length;
}

/** Warns where the title names another organ than the one that the caller gives. */
function checkOrgan(
  { organ_name, line }: Title,
  { organ_names }: ImportOptions,
  findings: ImportFindings,
): void {
  if (organ_names === undefined || organ_name === null) return;
  const names = organ_names.map(folding);
  if (names.some((name) => abbreviates(organ_name, name) || abbreviates(name, organ_name))) return;
  const known = organ_names.at(-1);
  findings.add(
    'warning',
    'import.organ_differs',
    {
      zh: `标题中的机关为“${organ_name}”，与指定的“${known}”不符，请核对`,
      en: `the title names ${organ_name}, the caller gave ${known}; please check`,
    },
    { line, place: 'organ_id' },
  );
}

/**
 * The year that the caller gives, or else the one and only year of the title. Undefined, with an error, where
 * there is none that is possible.
 */
function yearOf(title: Title, options: ImportOptions, findings: ImportFindings): number | undefined {
  const { line } = title;
  if (options.year !== undefined) {
    if (title.years.some((each) => each !== options.year))
      findings.add(
        'warning',
        'import.year_overridden',
        {
          zh: `标题中的年度为${title.years.join('、')}年，按指定的${options.year}年读取，请核对`,
          en: `the title says ${title.years.join(', ')}; read as ${options.year} as the caller gave it, please check`,
        },
        { line, place: 'year' },
      );
    return options.year;
  }
  const [year, ...others] = title.years;
  const isPossible = (each: number) =>
    each >= firstReportYear && each <= (options.latest_year ?? Number.POSITIVE_INFINITY);
  if (year !== undefined && others.length === 0 && isPossible(year)) return year;
  if (year === undefined)
    findings.error(
      'import.no_year',
      {
        zh: '标题中没有报告年度，应有“XXXX年政府信息公开工作年度报告”',
        en: 'no title names the report year; right is XXXX年政府信息公开工作年度报告',
      },
      { line },
    );
  else if (others.length > 0)
    findings.error(
      'import.no_year',
      {
        zh: `标题中有几个年份（${title.years.join('、')}），应只有一个`,
        en: `the title names several years (${title.years.join(', ')}); one is right`,
      },
      { line },
    );
  else
    findings.error(
      'import.year_out_of_range',
      {
        zh: `标题中的年度为${year}年；应为${firstReportYear}年至${options.latest_year ?? '本'}年`,
        en: `the title says ${year}; right is a year from ${firstReportYear}${options.latest_year === undefined ? '' : ` to ${options.latest_year}`}`,
      },
      { line },
    );
  return undefined;
}

/**
 * The lines of each table. A missing table is an error, and so is a second one: nobody can say which of two
 * is meant.
 */
function tablesOf(regions: readonly Region[], findings: ImportFindings): Map<TableSection, Line[]> {
  const tables = new Map<TableSection, Line[]>();
  for (const { table, lines } of regions) {
    if (table === null) continue;
    const earlier = tables.get(table);
    if (earlier === undefined) tables.set(table, lines);
    else
      findings.error(
        'import.duplicate_table',
        {
          zh: `${tableNames[table].zh}的表已见于第${earlier[0]!.number}行，只应有一个`,
          en: `the table of ${tableNames[table].en} is already at line ${earlier[0]!.number}; one is right`,
        },
        { line: lines[0], place: table },
      );
  }
  const missing = tableSections.filter((section) => !tables.has(section));
  // A table that has lost its tabs is not recognised as one. Its rows show better what is wrong with it.
  if (missing.length > 0) {
    const texts = regions.filter(({ table }) => table === null);
    quoteRunTogether(
      texts.flatMap(({ lines }) => lines),
      findings,
    );
  }
  for (const section of missing)
    findings.error(
      'import.missing_table',
      {
        zh: `没有找到${tableNames[section].zh}的表，或其列名无法辨认`,
        en: `no table of ${tableNames[section].en} was found, or its headers are not recognisable`,
      },
      { place: section },
    );
  return tables;
}
