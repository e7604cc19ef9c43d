import type { DisclosureItem, Edition, Label } from '../editions/edition.ts';
import { addressOf } from '../editions/figures.ts';
import { editions } from '../editions/index.ts';
import type { RuleHead, RuleOperand } from './rule.ts';
import { type Operand, operandAt, type ReportCells } from './view.ts';
import { formBasis } from './wording.ts';

/** How rules of section two find their operands: by measure, in every item of any edition that has it. */

export const table = 'disclosure_items';

const hasAll = (item: DisclosureItem, measures: readonly string[]) =>
  measures.every((measure) => item.measures.some((each) => each.measure === measure));

/** The items of an edition that have all of the measures, in printed order. */
export const itemsWith = (edition: Edition, measures: readonly string[]) =>
  edition.disclosure_items.filter((item) => hasAll(item, measures));

export const editionsWith = (measures: readonly string[]) =>
  editions.filter((edition) => itemsWith(edition, measures).length > 0);

const measureLabel = (measure: string): Label =>
  editions
    .flatMap((edition) => edition.disclosure_items)
    .flatMap((item) => item.measures)
    .find((each) => each.measure === measure)!.label;

export const measureOperand = (measure: string, report: RuleOperand['report'] = 'this'): RuleOperand => ({
  operand: measure,
  table,
  report,
  label: measureLabel(measure),
});

export const itemCell = (item: DisclosureItem, measure: string) => addressOf(table, item.item, measure);
export const labelIn = (item: DisclosureItem, measure: string) =>
  item.measures.find((each) => each.measure === measure)!.label;

export const at = (report: ReportCells, item: DisclosureItem, measure: string): Operand =>
  operandAt(report, itemCell(item, measure), labelIn(item, measure));

/** The head of a rule that reads these measures in every item that has them all. */
export function headOf(
  measures: readonly string[],
  head: Omit<RuleHead, 'editions' | 'operands' | 'legal_basis'> & { reason: string },
): RuleHead {
  const { reason, ...rest } = head;
  const on = editionsWith(measures);
  return {
    ...rest,
    editions: on.map((edition) => edition.edition),
    operands: measures.map((measure) => measureOperand(measure)),
    legal_basis: formBasis(
      on.map((edition) => edition.source),
      table,
      reason,
    ),
  };
}
