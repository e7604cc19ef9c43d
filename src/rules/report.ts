import type { Label } from '../editions/edition.ts';
import type { Editions, Table } from '../editions/figures.ts';
import { editionByKey, editionKeys, editionOfYear, editions } from '../editions/index.ts';
import { completeFigures, figuresOf, subjectOf } from './examples.ts';
import { failed } from './finding.ts';
import type { Rule, RuleHead, RuleOperand } from './rule.ts';
import type { Operand } from './view.ts';
import { quoted, tableLabels } from './wording.ts';

/** Rules about the report as a whole: which edition it was printed on, and whether all of it is captured. */

const tablesWithEdition = ['disclosure_items', 'request_statistics'] as const satisfies (keyof Editions)[];
const tables = Object.keys(tableLabels) as Table[];

const editionLabel = (table: Table): Label => {
  const { zh, en } = tableLabels[table];
  return { zh: `${zh} · 表式版本`, en: `${en} · edition` };
};
const source = (key: string) => editions.find((each) => each.edition === key)!.source;

const drifted = figuresOf(2023, '2021');
const editionHead: RuleHead = {
  code: 'report.edition',
  severity: 'warning',
  editions: editionKeys,
  expression: {
    zh: `每表：${editions.map((each) => `${each.first_year}–${each.last_year ?? ''} 年度用 ${each.edition} 年版`).join('，')}`,
    en: `per table: ${editions.map((each) => `report years ${each.first_year}–${each.last_year ?? ''} are on edition ${each.edition}`).join(', ')}`,
  },
  operands: tablesWithEdition.map(
    (table): RuleOperand => ({
      operand: table,
      table: 'editions',
      report: 'this',
      label: editionLabel(table),
    }),
  ),
  legal_basis: editions.map((each) => `${each.source}（自 ${each.first_year} 年度报告起施行）`).join('、'),
  examples: {
    passing: subjectOf(drifted),
    failing: subjectOf({
      ...drifted,
      editions: { disclosure_items: '2021', request_statistics: '2019' },
    }),
  },
};

const edition: Rule = {
  ...editionHead,
  check: ({ report: { figures } }) =>
    tablesWithEdition.flatMap((table) => {
      const [is, should] = [figures.editions[table], editionOfYear(figures.year)];
      if (is === should) return [];
      const { zh, en } = quoted(tableLabels[table]);
      const [actual, expected] = [Number(is), Number(should)];
      return failed(editionHead, {
        place: table,
        operands: [
          {
            cell: `editions.${table}`,
            label: editionLabel(table),
            name: tableLabels[table],
            value: actual,
          },
        ],
        expected,
        actual,
        delta: actual - expected,
        message: () => ({
          zh: `表${zh}用的是 ${is} 年版表式，${figures.year} 年度报告应用 ${should} 年版（${source(should)}）。`,
          en: `${en} is on edition ${is}; a report of ${figures.year} should be on edition ${should} (${source(should)}).`,
        }),
        legal_basis: editionByKey(should).source,
      });
    }),
};

const complete = completeFigures(2023, '2021');
const incompleteHead: RuleHead = {
  code: 'report.incomplete',
  severity: 'warning',
  editions: editionKeys,
  expression: {
    zh: '每表：所用表式的每一格都已录入（空白的录为空白）',
    en: 'per table: every cell of the declared edition is captured (a blank one as a blank)',
  },
  operands: tables.map((table) => ({
    operand: 'cells',
    table,
    report: 'this',
    label: tableLabels[table],
  })),
  legal_basis: `《中华人民共和国政府信息公开条例》第五十条；${editions.map((each) => each.source).join('、')}`,
  examples: {
    passing: subjectOf(complete),
    failing: subjectOf({
      ...complete,
      review_litigation_counts: complete.review_litigation_counts.slice(0, -1),
    }),
  },
};

/** How many missing cells a message names. The finding lists them all. */
const mostNamed = 3;

const incomplete: Rule = {
  ...incompleteHead,
  check: ({ report }) => {
    // Figures that fit the form have no other cells, so the numbers are enough.
    if (report.values.size === report.form.size) return [];
    return tables.flatMap((table) => {
      const cells = [...report.form.values()].filter((cell) => cell.table === table);
      const missing = cells
        .filter(({ cell }) => report.values.get(cell) === undefined)
        .map(({ cell, label }): Operand => ({ cell, label, name: label, value: undefined }));
      if (missing.length === 0) return [];
      const captured = cells.length - missing.length;
      const { zh, en } = quoted(tableLabels[table]);
      const named = missing.slice(0, mostNamed).map((each) => quoted(each.label));
      const more = missing.length > named.length;
      return failed(incompleteHead, {
        place: table,
        operands: missing,
        expected: cells.length,
        actual: captured,
        delta: -missing.length,
        message: () => ({
          zh: `表${zh}共 ${cells.length} 格，已录入 ${captured} 格，应补录 ${missing.length} 格：${named.map((each) => each.zh).join('、')}${more ? '等' : ''}。`,
          en: `${en} has ${cells.length} cells and ${captured} of them are captured; ${missing.length} should be added: ${named.map((each) => each.en).join(', ')}${more ? ' and others' : ''}.`,
        }),
      });
    });
  },
};

export const reportRules: readonly Rule[] = [edition, incomplete];
