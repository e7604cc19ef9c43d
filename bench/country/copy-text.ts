import { applicantKeys, outcomeKeys } from '../../src/editions/vocabulary.ts';
import { idOf } from './ids.ts';
import type { CountryOrgan } from './organs.ts';
import type { CountryReport, CountryRevision } from './reports.ts';

/** Rows in PostgreSQL's COPY text format: one line for each row, tabs between its members, `\N` for null. */

/** The tables that are loaded and their columns. A table comes after those that its rows refer to. */
export const tables = {
  organs: [
    ...[
      'id',
      'name',
      'kind',
      'level',
      'division_code',
      'parent_id',
      'credit_code',
      'created_at',
      'updated_at',
    ],
  ],
  reports: ['id', 'organ_id', 'year', 'scope', 'version', 'created_at', 'updated_at'],
  revisions: [
    ...['id', 'report_id', 'number', 'state', 'reason', 'return_reason', 'withdraw_reason', 'title'],
    ...['published_on', 'source_url', 'overview', 'problems', 'other_matters', 'disclosure_edition'],
    ...['request_edition', 'findings_summary', 'created_at', 'updated_at', 'submitted_at', 'submitted_by'],
    ...['effective_at', 'effective_by', 'ended_at'],
  ],
  disclosure_items: ['revision_id', 'edition', 'item', 'measure', 'value', 'unit'],
  request_statistics: ['revision_id', 'edition', 'row', ...applicantKeys],
  review_litigation_counts: ['revision_id', 'proceeding', ...outcomeKeys],
  cell_notes: ['revision_id', 'position', 'cell', 'raw', 'note'],
  finding_answers: ['revision_id', 'finding_key', 'text', 'answered_at', 'answered_by'],
  effective_answers: ['report_id', 'revision_id', 'etag', 'body'],
} as const;
export type CopiedTable = keyof typeof tables;

/** The lines of each table. */
export type CopyText = Record<CopiedTable, string>;

export const noText = (): CopyText =>
  Object.fromEntries(Object.keys(tables).map((table) => [table, ''])) as CopyText;

const special = /[\\\n\r\t]/;
const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const escaped = (text: string) =>
  special.test(text) ? text.replaceAll(/[\\\n\r\t]/g, (each) => escapes[each]!) : text;

const cell = (value: string | number | null) =>
  value === null ? '\\N' : typeof value === 'number' ? value : escaped(value);

const line = (...values: readonly (string | number | null)[]) => `${values.map(cell).join('\t')}\n`;

/** When the organs were registered: before the first report was filed. */
const registered = '2019-06-01T00:00:00.000Z';

export function addOrgan(text: CopyText, organ: CountryOrgan, seed: number): void {
  const { name, kind, level, division_code, credit_code, parent } = organ;
  const parent_id = parent === null ? null : idOf('organ', parent, seed);
  const id = idOf('organ', organ.number, seed);
  text.organs += line(
    ...[id, name, kind, level, division_code, parent_id, credit_code, registered, registered],
  );
}

export function addReport(text: CopyText, report: CountryReport): void {
  const { key, version, created_at, updated_at, answer } = report;
  text.reports += line(key.id, key.organ_id, key.year, key.scope, version, created_at, updated_at);
  for (const revision of report.revisions) addRevision(text, revision);
  if (answer) text.effective_answers += line(key.id, answer.revision_id, answer.etag, answer.body);
}

/** Adds a revision with its figures. Their many rows are spelt out here: keys, counts and money need no escaping. */
function addRevision(text: CopyText, revision: CountryRevision): void {
  const { id, editions } = revision;
  text.revisions += line(
    ...[id, revision.report_id, revision.number, revision.state, revision.reason, revision.return_reason],
    ...[revision.withdraw_reason, revision.title, revision.published_on, revision.source_url],
    ...[revision.overview, revision.problems, revision.other_matters],
    ...[editions.disclosure_items, editions.request_statistics, JSON.stringify(revision.findings_summary)],
    ...[revision.created_at, revision.updated_at, revision.submitted_at, revision.submitted_by],
    ...[revision.effective_at, revision.effective_by, revision.ended_at],
  );
  for (const { item, measure, value, unit } of revision.disclosure_items)
    text.disclosure_items += `${id}\t${editions.disclosure_items}\t${item}\t${measure}\t${value ?? '\\N'}\t${unit ?? '\\N'}\n`;
  for (const row of revision.request_statistics) {
    let cells = `${id}\t${editions.request_statistics}\t${row.row}`;
    for (const applicant of applicantKeys) cells += `\t${row[applicant] ?? '\\N'}`;
    text.request_statistics += `${cells}\n`;
  }
  for (const row of revision.review_litigation_counts) {
    let cells = `${id}\t${row.proceeding}`;
    for (const outcome of outcomeKeys) cells += `\t${row[outcome] ?? '\\N'}`;
    text.review_litigation_counts += `${cells}\n`;
  }
  for (const [position, { cell, raw, note }] of revision.cell_notes.entries())
    text.cell_notes += line(id, position, cell, raw, note);
  for (const [finding_key, answer] of revision.answers)
    text.finding_answers += line(id, finding_key, answer.text, answer.answered_at, answer.answered_by);
}
