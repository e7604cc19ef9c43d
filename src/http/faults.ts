import type { ErrorObject } from 'ajv';
import type { Fault } from '../editions/form-faults.ts';
import { didYouMean } from './near.ts';
import type { RequestFault } from './problem.ts';

/** Turns what a validator finds into faults that say what would be right. */

/** The most faults that are listed. A body with more is hopeless anyway. */
export const mostFaults = 200;

export type JsonSchema = Record<string, unknown> & {
  type?: string | string[];
  description?: string;
  pattern?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  enum?: readonly unknown[];
  examples?: readonly unknown[];
  maximum?: number;
  maxItems?: number;
};

export const escapePointer = (key: string): string =>
  key.toWellFormed().replaceAll('\0', '\\u0000').replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 200);

/** What would be right, for formats whose names do not say it. */
const formatAdvice: Record<string, string> = {
  date: 'must be a day of the calendar, YYYY-MM-DD, from 1900 to 2099',
  'date-time': 'must be a time as in RFC 3339, such as 2024-01-31T08:00:00Z',
  uuid: 'must be a UUID, such as 01938c5e-7b1a-7c3e-9a51-2f1de0a4c001',
  uri: 'must be an absolute address; percent-encode what is not ASCII',
};

/** The types of JSON in words. */
const typeWords: Record<string, string> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
  string: 'text',
};

/** The schema of the top-level member of `whole` that a fault is in. */
const memberOf = (error: ErrorObject, whole: JsonSchema): JsonSchema | undefined =>
  whole.properties?.[error.instancePath.split('/')[1] ?? ''];

/** `; refused is one of group` where another list in `whole` allows the value; otherwise ''. */
function listedElsewhere(error: ErrorObject, whole: JsonSchema): string {
  const lists = Object.entries(whole.properties ?? {}).filter(([, { items }]) =>
    items?.enum?.includes(error.data),
  );
  return lists.length === 0 ? '' : `; ${error.data} is one of ${lists.map(([name]) => name).join(', ')}`;
}

/**
 * `, such as 2023` where the schema has examples, or else the top-level member of `whole` around it;
 * otherwise ''.
 */
function suchAs(error: ErrorObject, whole: JsonSchema): string {
  const { examples } = error.parentSchema as JsonSchema;
  const found = (examples ?? memberOf(error, whole)?.examples ?? []).flat();
  return found.length === 0 ? '' : `, such as ${found.map(String).join(', ')}`;
}

/** `, as ["granted"]`: the given value as a list, or else an example; '' for lists of components. */
function asList({ data, parentSchema }: ErrorObject): string {
  const { items, examples: [example] = [] } = parentSchema as JsonSchema;
  if (items === undefined || '$ref' in items) return '';
  const isShort = typeof data === 'number' || (typeof data === 'string' && data.length <= 100);
  const list = isShort ? String(data).split(',') : example;
  return list === undefined ? '' : `, as ${JSON.stringify(list)}`;
}

const atMost = (limit: unknown, things: string): string => `must have at most ${limit} ${things}`;

/** What a text must be: the first sentence of the description in its schema, or its pattern where there is none. */
function described({ description, pattern }: JsonSchema): string {
  const [sentence] = description?.split(/[.](?:\s|$)/) ?? [];
  if (!sentence) return `must match ${pattern}`;
  return `must be ${sentence.replace(/^[A-Z](?![A-Z])/, (letter) => letter.toLowerCase())}`;
}

function messageOf(error: ErrorObject, whole: JsonSchema): { member?: string; message: string } {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return { member: String(params.missingProperty), message: 'is required' };
    case 'additionalProperties': {
      const known = Object.keys((error.parentSchema?.properties as object) ?? {});
      const right = known.length === 0 ? 'nothing may be given here' : `known here: ${known.join(', ')}`;
      const member = String(params.additionalProperty);
      return { member, message: `is not known; ${right}${didYouMean(member, known)}` };
    }
    case 'enum': {
      const values = params.allowedValues as unknown[];
      const near = didYouMean(error.data, values) || listedElsewhere(error, whole);
      return { message: `must be one of ${values.map(String).join(', ')}${near}` };
    }
    case 'const':
      return { message: `must be ${JSON.stringify(params.allowedValue)}` };
    case 'format':
      return { message: formatAdvice[String(params.format)] ?? `must be a ${params.format}` };
    case 'pattern':
      return { message: `${described(error.parentSchema as JsonSchema)}${suchAs(error, whole)}` };
    case 'type': {
      const types = [params.type].flat().map((type) => typeWords[String(type)]);
      return { message: `must be ${types.join(' or ')}${params.type === 'array' ? asList(error) : ''}` };
    }
    case 'minLength':
    case 'minItems':
      return { message: 'must not be empty' };
    case 'maxLength':
      return { message: atMost(params.limit, 'characters') };
    case 'maxItems':
      return { message: atMost(params.limit, 'items') };
    default:
      return { message: error.message ?? 'does not fit' };
  }
}

/** Whether an error says that a value is not of the type of one of several shapes that it may have. */
const isTypeOfShape = ({ keyword, schemaPath }: ErrorObject): boolean =>
  keyword === 'type' && /\/anyOf\/\d+\/type$/.test(schemaPath);

/** The first `mostFaults` faults, each with a pointer to its place. */
export function toFaults(
  errors: readonly ErrorObject[],
  whole: JsonSchema,
  part: RequestFault['in'],
): Fault[] {
  const byPlace = Map.groupBy(errors, ({ instancePath }) => instancePath);
  /**
   * Whether an error tells nothing. Shapes of another type than the value tell nothing about it. Where no
   * shape is of its type, the first of these errors names all types and the others tell nothing.
   */
  const tellsNothing = (error: ErrorObject): boolean => {
    if (error.keyword === 'if' || error.keyword === 'anyOf') return true;
    if (!isTypeOfShape(error)) return false;
    const others = byPlace.get(error.instancePath)!;
    if (others.some(({ keyword }) => !['type', 'anyOf'].includes(keyword))) return true;
    const [first] = others;
    if (first !== error) return true;
    error.params.type = others.filter(isTypeOfShape).flatMap(({ params }) => params.type);
    return false;
  };
  /** Whether a parameter that is no list was given more than once, where each value may be right. */
  const isRepeated = ({ data, keyword, params }: ErrorObject): boolean =>
    part === 'query' && Array.isArray(data) && keyword === 'type' && params.type !== 'array';
  const areRepeated = new Set(errors.filter(isRepeated).map(({ instancePath }) => instancePath));
  const faults: Fault[] = [];
  /**
   * Whether another error about the same value names the words that are allowed, so that its type need not be
   * named.
   */
  const isOfList = ({ instancePath, keyword }: ErrorObject): boolean =>
    keyword === 'type' && byPlace.get(instancePath)!.some((other) => other.keyword === 'enum');
  for (const error of errors) {
    if (isOfList(error) && !isRepeated(error)) continue;
    if (tellsNothing(error) || (areRepeated.has(error.instancePath) && !isRepeated(error))) continue;
    const { member, message } = isRepeated(error)
      ? { message: 'is given more than once' }
      : messageOf(error, whole);
    const pointer =
      member === undefined ? error.instancePath : `${error.instancePath}/${escapePointer(member)}`;
    faults.push({ pointer, code: error.keyword, message });
    if (faults.length === mostFaults) break;
  }
  return faults;
}

/**
 * Faults of lists that are longer than allowed. Nobody needs to know what is wrong with each of a million
 * values, nor to wait for it.
 */
export const overlong = (value: unknown, whole: JsonSchema): Fault[] =>
  Object.entries(whole.properties ?? {}).flatMap(([name, { maxItems }]) => {
    const list = (value as Record<string, unknown> | null)?.[name];
    return maxItems !== undefined && Array.isArray(list) && list.length > maxItems
      ? [{ pointer: `/${name}`, code: 'maxItems', message: atMost(maxItems, 'items') }]
      : [];
  });

/**
 * The value without the members that faults are about, and without such items of lists. These items leave
 * holes, so that the others keep their places; code that goes through a list passes over holes.
 */
export function fitting(value: Readonly<Record<string, unknown>>, faults: readonly Fault[]) {
  const unfit = new Set(faults.map(({ pointer }) => pointer));
  const members = Object.entries(value).filter(([name]) => !unfit.has(`/${escapePointer(name)}`));
  return Object.fromEntries(
    members.map(([name, member]) => {
      if (!Array.isArray(member)) return [name, member];
      const items = member.slice();
      for (const index of items.keys()) if (unfit.has(`/${name}/${index}`)) delete items[index];
      return [name, items];
    }),
  );
}
