import pg from 'pg';

const { builtins, getTypeParser } = pg.types;
// Types without a name in pg-types: pg_type.oid of the array types, the same on every server.
const arrays = { text: 1009, int8: 1016, numeric: 1231, date: 1182, timestamptz: 1185 } as const;

type Parse = (text: string) => unknown;

/** A figure that JSON numbers cannot hold exactly. */
class InexactNumberError extends RangeError {
  constructor(text: string) {
    super(`${text} cannot be passed on exactly as a JSON number`);
  }
}

const asCount = (text: string): number => {
  const value = Number(text);
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) throw new InexactNumberError(text);
  return value;
};

/**
 * Counts and money (up to four decimals) must stay exact. Longer fractions are shares and averages, which are rounded
 * anyway.
 */
const asNumber = (text: string): number => {
  const value = asCount(text);
  const decimals = text.split('.')[1]?.length ?? 0;
  if (decimals <= 4 && value.toFixed(decimals) !== text) throw new InexactNumberError(text);
  return value;
};

const utcInstant = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00$/;

/**
 * `2024-01-31 08:00:00.123456+00` → `2024-01-31T08:00:00.123Z`. It is cut from the text where possible, which is
 * faster than parsing: a page of a list has hundreds.
 */
const asInstant = (text: string): string => {
  if (utcInstant.test(text))
    return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(3, '0').slice(0, 3)}Z`;
  const value: unknown = getTypeParser(builtins.TIMESTAMPTZ, 'text')(text);
  if (!(value instanceof Date)) throw new RangeError(`${text} is not an instant`);
  return value.toISOString();
};

const parserOf = getTypeParser as (oid: number, format: string) => Parse;
const parseTextArray = parserOf(arrays.text, 'text') as (text: string) => (string | null)[];
const each =
  (parse: Parse): Parse =>
  (text) =>
    parseTextArray(text).map((element) => (element === null ? null : parse(element)));

const parsers = new Map<number, Parse>([
  [builtins.INT8, asCount],
  [builtins.NUMERIC, asNumber],
  [builtins.DATE, (text) => text],
  [builtins.TIMESTAMPTZ, asInstant],
  [arrays.int8, each(asCount)],
  [arrays.numeric, each(asNumber)],
  [arrays.date, each((text) => text)],
  [arrays.timestamptz, each(asInstant)],
]);

/**
 * How values arrive from the database: counts and money as numbers (an error beyond 2^53 - 1, never a rounded
 * figure), dates as `YYYY-MM-DD`, instants as RFC 3339 in UTC with milliseconds, json parsed.
 */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format = 'text') =>
    (format === 'text' && parsers.get(oid)) || parserOf(oid, format)) as typeof getTypeParser,
};
