import { type Applicant, applicants, type Edition, type Label, type Role } from '../editions/edition.ts';
import { addressOf } from '../editions/figures.ts';
import { editionKeys, editions } from '../editions/index.ts';
import { applicantParts } from '../editions/vocabulary.ts';
import { comparisonRule } from './comparison.ts';
import { figuresOf, requestRow, requestRows, subjectOf } from './examples.ts';
import { failed, isFigure } from './finding.ts';
import type { Rule, RuleHead, RuleOperand } from './rule.ts';
import { type Operand, operandAt, type ReportCells, type View } from './view.ts';
import { formBasis, prefixed, quoted } from './wording.ts';

/** Section three, 收到和处理政府信息公开申请情况. */

const table = 'request_statistics';

export const rowsOfRole = (edition: Edition, role: Role) =>
  edition.request_statistics.filter((row) => row.role === role);

/**
 * The operand for a role, labelled as in the form in force. The results are many rows, so their label says
 * what they are.
 */
export const roleOperand = (role: Role, report: RuleOperand['report'] = 'this'): RuleOperand => ({
  operand: role,
  table,
  report,
  label:
    role === 'result'
      ? { zh: '本年度办理结果各行', en: 'Every row of a result of this year' }
      : rowsOfRole(editions.at(-1)!, role)[0]!.label,
});
const columnOperands: readonly RuleOperand[] = applicants.map(({ applicant, label }) => ({
  operand: applicant,
  table,
  report: 'this',
  label,
}));

const basis = (reason: string, sources: readonly string[] = editions.map(({ source }) => source)) =>
  formBasis(sources, table, reason);

export const cellOf = (row: string, applicant: Applicant): string => addressOf(table, row, applicant);
export const columnLabel = (label: Label) => prefixed({ zh: '列', en: 'Column ' }, quoted(label));
const rowLabel = (label: Label) => prefixed({ zh: '行', en: 'Row ' }, quoted(label));

/** The cells of one column in the rows of a role. */
const inColumn = (report: ReportCells, role: Role, applicant: Applicant): Operand[] =>
  rowsOfRole(report.requests, role).map(({ row, label }) =>
    operandAt(report, cellOf(row, applicant), quoted(label)),
  );

const printedFormula = '表头所印“第一项加第二项之和，等于第三项加第四项之和”';
const balance = comparisonRule(
  {
    code: 'requests.balance',
    severity: 'error',
    editions: editionKeys,
    expression: {
      zh: '每列：本年新收 + 上年结转 = 本年度办理结果总计 + 结转下年度（actual 为左边，expected 为右边）',
      en: 'per column: received + carried_in = result_total + carried_out (`actual` is the left side, `expected` the right)',
    },
    operands: (['received', 'carried_in', 'result_total', 'carried_out'] as const).map((role) =>
      roleOperand(role),
    ),
    legal_basis: basis(printedFormula),
    examples: {
      passing: subjectOf(
        figuresOf(2023, '2021', {
          request_statistics: requestRows('2021', {
            received: 6,
            carried_in: 1,
            result_total: 5,
            carried_out: 2,
          }),
        }),
      ),
      failing: subjectOf(
        figuresOf(2023, '2021', {
          request_statistics: [
            ...requestRows('2021', { received: 6, carried_in: 1, result_total: 5 }),
            ...rowsOfRole(editions.at(-1)!, 'carried_out').map(({ row }) => requestRow(row, 2, 1)),
          ],
        }),
      ),
    },
  },
  function* (report) {
    for (const { applicant, label } of applicants)
      yield {
        place: applicant,
        where: columnLabel(label),
        actual: [...inColumn(report, 'received', applicant), ...inColumn(report, 'carried_in', applicant)],
        relation: '=',
        expected: [
          ...inColumn(report, 'result_total', applicant),
          ...inColumn(report, 'carried_out', applicant),
        ],
        legal_basis: basis(printedFormula, [report.requests.source]),
      };
  },
);

const within = '表内勾稽关系';
const handledTotal = comparisonRule(
  {
    code: 'requests.handled_total',
    severity: 'error',
    editions: editionKeys,
    expression: { zh: '每列：Σ 各办理结果 = 总计', en: 'per column: Σ result = result_total' },
    operands: [roleOperand('result'), roleOperand('result_total')],
    legal_basis: basis(within),
    examples: {
      passing: subjectOf(
        figuresOf(2023, '2021', { request_statistics: requestRows('2021', { result: 5, result_total: 5 }) }),
      ),
      failing: subjectOf(
        figuresOf(2023, '2021', {
          request_statistics: [
            ...requestRows('2021', { result: 5 }),
            ...rowsOfRole(editions.at(-1)!, 'result_total').map(({ row }) => requestRow(row, 5, 6)),
          ],
        }),
      ),
    },
  },
  function* (report) {
    for (const { applicant, label } of applicants)
      yield {
        place: applicant,
        where: columnLabel(label),
        actual: inColumn(report, 'result_total', applicant),
        relation: '=',
        expected: inColumn(report, 'result', applicant),
        legal_basis: basis(within, [report.requests.source]),
      };
  },
);

/** The cells of one row, the printed total last. */
const alongRow = (report: ReportCells, row: string): Operand[] =>
  applicants.map(({ applicant, label }) => operandAt(report, cellOf(row, applicant), label));

const firstResult = rowsOfRole(editions.at(-1)!, 'result')[0]!.row;
const oneRow = (requests: number, total: number | null) =>
  subjectOf(figuresOf(2023, '2021', { request_statistics: [requestRow(firstResult, requests, total)] }));

const rowTotal = comparisonRule(
  {
    code: 'requests.row_total',
    severity: 'error',
    editions: editionKeys,
    expression: {
      zh: '每行：自然人 + 五类法人或其他组织 = 总计',
      en: `per row: ${applicantParts.join(' + ')} = total`,
    },
    operands: columnOperands,
    legal_basis: basis(within),
    examples: { passing: oneRow(1, 1), failing: oneRow(1, 0) },
  },
  function* (report) {
    for (const { row, label } of report.requests.request_statistics) {
      const cells = alongRow(report, row);
      yield {
        place: row,
        where: rowLabel(label),
        actual: cells.slice(-1),
        relation: '=',
        expected: cells.slice(0, -1),
        legal_basis: basis(within, [report.requests.source]),
      };
    }
  },
);

interface BlankTotal {
  total: Operand;
  where: Label;
  /** The cells that the total should cover and that hold figures. */
  figures: Operand[];
}

/** Totals that are blank although cells that they should cover hold figures, by the address of the total. */
function blankTotals(report: ReportCells): Map<string, BlankTotal> {
  const blanks = new Map<string, BlankTotal>();
  const isBlank = (cell: string) => report.values.get(cell) === null;
  const note = (total: Operand, where: Label, parts: Operand[]) => {
    const figures = parts.filter(isFigure);
    if (figures.length === 0) return;
    // The corner where the total row meets the total column is found twice, but it is one blank.
    const known = blanks.get(total.cell);
    if (known === undefined) blanks.set(total.cell, { total, where, figures });
    else known.figures.push(...figures);
  };
  for (const { row, label } of report.requests.request_statistics) {
    if (!isBlank(cellOf(row, 'total'))) continue;
    const cells = alongRow(report, row);
    const { zh, en } = quoted(label);
    note(cells.at(-1)!, { zh: `行${zh}的总计`, en: `The total of row ${en}` }, cells.slice(0, -1));
  }
  for (const { applicant, label } of applicants)
    for (const total of rowsOfRole(report.requests, 'result_total')) {
      const cell = cellOf(total.row, applicant);
      if (!isBlank(cell)) continue;
      const { zh, en } = quoted(label);
      const name = quoted(total.label);
      const where = { zh: `列${zh}的${name.zh}`, en: `${name.en} of column ${en}` };
      note(operandAt(report, cell, name), where, inColumn(report, 'result', applicant));
    }
  return blanks;
}

const totalMissingHead: RuleHead = {
  code: 'requests.total_missing',
  severity: 'warning',
  editions: editionKeys,
  expression: {
    zh: '一行中有数的，总计不得空白；一列办理结果中有数的，该列“（七）总计”不得空白',
    en: 'per row: a figure in any other column requires one in total; per column: a figure in any result requires one in result_total',
  },
  operands: [...columnOperands, roleOperand('result'), roleOperand('result_total')],
  legal_basis: basis('总计栏应当填写'),
  examples: { passing: oneRow(1, 1), failing: oneRow(1, null) },
};

/** Checks only totals that are captured as blank: a row that is not captured is incomplete, not blank. */
const totalMissing: Rule = {
  ...totalMissingHead,
  check: ({ report }: View) => {
    const blanks = blankTotals(report);
    if (blanks.size === 0) return [];
    return [...report.form.keys()].flatMap((cell) => {
      const blank = blanks.get(cell);
      if (blank === undefined) return [];
      const { total, where, figures } = blank;
      return failed(totalMissingHead, {
        place: cell.slice(`${table}.`.length),
        operands: [...figures, total],
        message: () => ({
          zh: `${where.zh}为空白，但应计入的格中有 ${figures.length} 格填有数字，应填写其合计。`,
          en: `${where.en} is blank, but ${figures.length} of the cells it covers ${figures.length === 1 ? 'holds a figure' : 'hold figures'}; their sum should be filled in.`,
        }),
        legal_basis: basis('总计栏应当填写', [report.requests.source]),
      });
    });
  },
};

export const requestRules: readonly Rule[] = [balance, handledTotal, rowTotal, totalMissing];
