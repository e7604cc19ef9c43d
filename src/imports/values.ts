import type { Measure, Unit } from '../editions/edition.ts';
import { allowedUnits } from '../editions/figures.ts';
import { largestAmount } from '../editions/form-faults.ts';
import { folding, printed, unreadableMark } from './characters.ts';

/** What a printed cell says. `raw` is set where it is more than a plain number and so belongs in a cell note. */
type ReadValue =
  | { kind: 'value'; value: number | null; unit: Unit | null; raw: string | null }
  | { kind: 'unreadable'; zh: string; en: string };

/** The measure of all cells in sections three and four, which count cases and have no measures of their own. */
export const caseCount: Measure = {
  measure: 'count',
  label: { zh: '件数', en: 'Cases' },
  unit: '件',
  type: 'integer >= 0',
};

/** Whether a measure is of money. */
export const isAmount = ({ type }: Measure): boolean => type === 'decimal(18,4) >= 0';

/** Words that count anything, besides the measure's own. */
const countingWords = ['个', '份', '部', '条', '宗'];

/** Room for a number with its remark. Longer text has slipped into the cell. */
const longestCell = 500;
const strokes = /^[/\\\-‐‑‒–—―−─\s]+$/;
const figure = /^([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?(件|项|个|份|部|条|宗|元|万元)?(\(.*\))?$/s;

const unreadable = (zh: string, en: string): ReadValue => ({ kind: 'unreadable', zh, en });

/**
 * Reads one cell as the measure it stands under. A blank is nothing, or only strokes. A number is digits,
 * with or without thousands separators. It may have a sign where the measure is a change, decimals where it
 * is money, the measure's own unit, and a remark in brackets. Anything else is unreadable. Nothing is rounded
 * or taken apart.
 */
export function readValue(cell: string, measure: Measure): ReadValue {
  const raw = printed(cell);
  if (raw.includes(unreadableMark))
    return unreadable('是图片、划去的数字或合并的单元格', 'it is a picture, struck out, or in merged cells');
  if (raw === '') return { kind: 'value', value: null, unit: measure.unit, raw: null };
  if (raw.length > longestCell) return unreadable('内容过长', 'it is too long for a cell');
  const trimmed = raw.normalize('NFKC');
  if (strokes.test(trimmed)) return { kind: 'value', value: null, unit: measure.unit, raw };
  // NFKC would turn a footnote mark (12²) into a digit of the number.
  if (/\p{No}/u.test(raw)) return unreadable('有上标或带圈的数字', 'there is a superscript or circled digit');
  // White space is harmless only outside the digits: "1 2" may be two cells.
  if (/\d\s+[\d,.]|[,.]\s+\d/.test(trimmed))
    return unreadable('数字中有空格', 'there is white space in the number');
  const found = figure.exec(folding(trimmed).replace(/^[−–—](?=\d)/, '-'));
  if (found === null) return unreadable('不是数字', 'it is no number');
  const [, sign = '', digits = '', decimals, unit, remark] = found;
  if (/^0\d/.test(digits))
    return unreadable('数字以0开头，可能是几个单元格连在一起', 'a leading 0 looks like cells run together');
  if (remark !== undefined && !/\p{L}/u.test(remark))
    return unreadable('括号中没有文字说明', 'the brackets hold no words');
  if (sign !== '' && measure.type !== 'integer')
    return unreadable('此处不应有正负号', 'no sign belongs here');
  const money = isAmount(measure);
  const isWhole = decimals === undefined || /^00?$/.test(decimals);
  if (money ? (decimals ?? '').length > 4 : !isWhole)
    return money
      ? unreadable('小数超过四位', 'it has more than 4 decimals')
      : unreadable('件数应为整数', 'a count is a whole number');
  const value = Number(`${sign}${digits.replaceAll(',', '')}${decimals === undefined ? '' : `.${decimals}`}`);
  if (money ? value > largestAmount : !Number.isSafeInteger(value))
    return unreadable('数字过大', 'the number is too large');
  const units: readonly (string | null)[] = allowedUnits(measure);
  // Nothing is nothing in any money, and what is counted is called by many words.
  const fits = money
    ? value === 0 && unit?.endsWith('元')
    : unit !== undefined && countingWords.includes(unit);
  if (unit !== undefined && !units.includes(unit) && !fits)
    return unreadable(
      `单位应为${units.filter(Boolean).join('或')}`,
      `the unit is ${units.filter(Boolean).join(' or ')}`,
    );
  const isPlain =
    unit === undefined &&
    remark === undefined &&
    !digits.includes(',') &&
    !/^[–—]/.test(trimmed) &&
    (money || decimals === undefined);
  return {
    kind: 'value',
    value: value === 0 ? 0 : value,
    unit: money && unit !== undefined && units.includes(unit) ? (unit as Unit) : measure.unit,
    raw: isPlain ? null : raw,
  };
}

const startsAsFigure = /^[+–—-]?\d[\d,.]*\s*(?:件|项|个|份|部|条|宗|元|万元)?(?:\(|$)/;

/** True for a cell that can be a value and not a label. It tells the two apart at the beginning of a row. */
export function looksLikeValue(cell: string): boolean {
  const text = printed(cell).normalize('NFKC');
  return strokes.test(text) || startsAsFigure.test(text);
}
