import type { RequestFault } from './problem.ts';

/**
 * How deep a body may nest: deeper than any document of ours. Deeper ones would exhaust the stack of code
 * that walks them.
 */
export const deepest = 32;

interface Level {
  /** The members of an object so far; undefined in an array. */
  members: Set<string> | undefined;
  /** The name of the member, or the index of the item, that is being read. */
  at: string | number;
}

const stringToken = /"(?:[^"\\]|\\.)*"/y;
const numberToken = /[-0-9][-+.0-9eE]*/y;

/** A number of at most this many characters is exact: fifteen significant digits survive, unless it has an exponent. */
const alwaysExact = 15;
const mayBeRounded = (text: string, from: number, end: number): boolean =>
  end - from >= alwaysExact || /\de/i.test(text.slice(from, end + 1));

/**
 * Whether reading a number changes its value: 0.1 keeps its value, 9007199254740993, 1.00000000000000001 and
 * 1e-400 do not.
 */
const isInexact = (source: string): boolean =>
  /^[^eE]*[1-9]/.test(source) && plain(source) !== plain(String(Number(source)));

/**
 * A number in one form for all notations: sign, digits and decimal exponent. It takes time in proportion to the
 * length of the number, which may be that of a whole body.
 */
function plain(source: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$/.exec(source) ?? [];
  const trimmed = `${whole}${fraction}`.replace(/^0+/, '');
  let end = trimmed.length;
  while (trimmed[end - 1] === '0') end--;
  const digits = trimmed.slice(0, end);
  return `${sign}${digits}e${Number(exponent) - fraction.length + trimmed.length - digits.length}`;
}

/**
 * Returns a function that tells where the string that begins at a place ends: at the next quotation mark,
 * unless an escape comes before it.
 */
function stringEnds(text: string): (at: number) => number | undefined {
  let escapeAt = -1;
  return (at) => {
    const end = text.indexOf('"', at + 1);
    if (end < 0) return undefined;
    if (escapeAt < at) {
      escapeAt = text.indexOf('\\', at);
      if (escapeAt < 0) escapeAt = text.length;
    }
    if (escapeAt > end) return end;
    stringToken.lastIndex = at;
    return stringToken.test(text) ? stringToken.lastIndex - 1 : undefined;
  };
}

/** Where the number that begins at a place ends; undefined where none begins. */
function numberEnd(text: string, at: number): number | undefined {
  numberToken.lastIndex = at;
  return numberToken.test(text) ? numberToken.lastIndex - 1 : undefined;
}

/**
 * What one pass over a JSON text tells without looking at names: how deep it nests, how many members it
 * gives, and whether a number may be rounded. The text need not be JSON, but then only the
 * depth means something.
 */
export function glance(text: string): { depth: number; members: number; mayRound: boolean } {
  const endOf = stringEnds(text);
  let depth = 0;
  let level = 0;
  let members = 0;
  let mayRound = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '"') i = endOf(i) ?? text.length;
    else if (char === ':') members++;
    else if (char === '{' || char === '[') depth = Math.max(depth, ++level);
    else if (char === '}' || char === ']') level--;
    else if (char !== ',') {
      const end = numberEnd(text, i) ?? i;
      if (mayBeRounded(text, i, end)) mayRound = true;
      i = end;
    }
  }
  return { depth, members, mayRound };
}

/** How many members the objects of a value have. The text of the value gives more where a member is given twice. */
export function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) for (const each of value) members += membersIn(each);
  else for (const name in value) members += 1 + membersIn(value[name as never]);
  return members;
}

/**
 * Finds what a JSON parser would pass over in silence: a member given twice, of which it keeps only the last,
 * and a number that it rounds. The text need not be JSON: the parser finds what is not.
 */
export function scanJson(text: string): RequestFault[] {
  const faults: RequestFault[] = [];
  const levels: Level[] = [];
  const pointer = () =>
    levels
      .map(({ at }) => `/${String(at).replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 200)}`)
      .join('');
  const endOf = stringEnds(text);
  let expectsKey = false;
  for (let i = 0; i < text.length && faults.length < 200; i++) {
    const level = levels.at(-1);
    const char = text[i]!;
    if (char === '"') {
      const from = i;
      i = endOf(i) ?? text.length;
      if (!expectsKey || level?.members === undefined) continue;
      expectsKey = false;
      const key = unquote(text.slice(from, i + 1));
      level.at = key;
      if (level.members.has(key))
        faults.push({
          pointer: pointer(),
          code: 'duplicate-member',
          message: 'is given twice; give it once',
        });
      level.members.add(key);
    } else if (char === '{' || char === '[') {
      levels.push({ members: char === '{' ? new Set() : undefined, at: 0 });
      expectsKey = char === '{';
    } else if (char === '}' || char === ']') levels.pop();
    else if (char === ',') {
      expectsKey = level?.members !== undefined;
      if (level && typeof level.at === 'number') level.at++;
    } else {
      const from = i;
      i = numberEnd(text, i) ?? i;
      if (!mayBeRounded(text, from, i)) continue;
      const token = text.slice(from, i + 1);
      if (isInexact(token))
        faults.push({
          pointer: pointer(),
          code: 'inexact-number',
          message: `cannot be kept exactly: it would become ${Number(token)}`,
        });
    }
  }
  return faults;
}

function unquote(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1);
  try {
    return JSON.parse(token);
  } catch {
    return token;
  }
}
