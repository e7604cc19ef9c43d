import type { RequestFault } from './problem.ts';

/** Deeper than any document of ours; deeper bodies would exhaust the stack of whoever walks them. */
export const deepest = 32;

interface Level {
  /** The members so far of an object; undefined in an array. */
  members: Set<string> | undefined;
  /** The member or place being read. */
  at: string | number;
}

const stringToken = /"(?:[^"\\]|\\.)*"/y;
const inNumbers = new Set('0123456789.eE+-');

/** Numbers that are no longer than this are exact: fifteen significant digits always survive. */
const alwaysExact = 15;

/** Whether reading a number changes its value: 0.1 does not, 9007199254740993 and 1.00000000000000001 do. */
function isInexact(source: string): boolean {
  const digits = /^-?0*([0-9]*)\.?([0-9]*?)0*(?:[eE]|$)/.exec(source);
  const significant = `${digits?.[1] ?? ''}${digits?.[2] ?? ''}`.replace(/^0+/, '').length;
  // Fifteen significant digits always survive; more do where the shortest spelling of the number has them.
  return significant > 15 && plain(source) !== plain(String(Number(source)));
}

/** A number without its notation: digits and decimal exponent. */
function plain(source: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$/.exec(source) ?? [];
  const trimmed = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = trimmed.replace(/0+$/, '');
  return `${sign}${digits}e${Number(exponent) - fraction.length + trimmed.length - digits.length}`;
}

/**
 * What a JSON parser would pass over in silence: a member given twice, of which it keeps the last, and a number it
 * rounds. `tooDeep` where brackets nest beyond `deepest`. The text need not be JSON; what is not, the parser finds.
 */
export function scanJson(text: string): { tooDeep: boolean; faults: RequestFault[] } {
  const faults: RequestFault[] = [];
  const levels: Level[] = [];
  const pointer = () =>
    levels
      .map(({ at }) => `/${String(at).replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 200)}`)
      .join('');
  let expectsKey = false;
  let escapeAt = -1;
  /** The length of a string: to the next quotation mark, unless an escape comes before. */
  const stringLengthAt = (at: number): number | undefined => {
    const end = text.indexOf('"', at + 1);
    if (end < 0) return undefined;
    if (escapeAt < at) {
      escapeAt = text.indexOf('\\', at);
      if (escapeAt < 0) escapeAt = text.length;
    }
    if (escapeAt > end) return end + 1 - at;
    stringToken.lastIndex = at;
    return stringToken.test(text) ? stringToken.lastIndex - at : undefined;
  };
  for (let i = 0; i < text.length && faults.length < 200; i++) {
    const level = levels.at(-1);
    const char = text[i]!;
    if (char === '"') {
      const length = stringLengthAt(i);
      if (length === undefined) break;
      const from = i;
      i += length - 1;
      if (!expectsKey || level?.members === undefined) continue;
      expectsKey = false;
      const key = unquote(text.slice(from, from + length));
      level.at = key;
      if (level.members.has(key))
        faults.push({
          pointer: pointer(),
          code: 'duplicate-member',
          message: 'is given twice; give it once',
        });
      level.members.add(key);
    } else if (char === '{' || char === '[') {
      if (levels.length === deepest) return { tooDeep: true, faults };
      levels.push({ members: char === '{' ? new Set() : undefined, at: 0 });
      expectsKey = char === '{';
    } else if (char === '}' || char === ']') levels.pop();
    else if (char === ',') {
      expectsKey = level?.members !== undefined;
      if (level && typeof level.at === 'number') level.at++;
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      const from = i;
      while (inNumbers.has(text[i + 1]!)) i++;
      if (i - from < alwaysExact) continue;
      const token = text.slice(from, i + 1);
      if (isInexact(token))
        faults.push({
          pointer: pointer(),
          code: 'inexact-number',
          message: `cannot be kept exactly: it would become ${Number(token)}`,
        });
    }
  }
  return { tooDeep: false, faults };
}

function unquote(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1);
  try {
    return JSON.parse(token);
  } catch {
    return token;
  }
}
