import { createHash } from 'node:crypto';
import { type Static, type TSchema, Type } from 'typebox';
import { Problem, type RequestFault } from './problem.ts';
import { nullable, ref } from './schema-parts.ts';

/**
 * Lists are keyset pages: a page ends at the key of its last row and the next begins after it, so nothing is skipped
 * or repeated while others write. A cursor holds that key and a mark of the path and filters it belongs to.
 */

const defaultLimit = 100;
const maximumLimit = 1000;

/** Query members of every list: spread them into the route's querystring. */
export const pageQuery = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: maximumLimit,
      default: defaultLimit,
      description: 'How many items a page holds at most.',
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2000,
      description: '`next_cursor` of the page before. It works only with the filters it was made for.',
    }),
  ),
};

/**
 * A component with this `$id`: a page of `item`s. `item` must be a component (have a `$id`) itself. With
 * `isWhole` the list has no further pages.
 */
export function pageSchema<T extends TSchema & { $id?: string }>(
  item: T,
  $id: string,
  { isWhole = false, ...options }: { isWhole?: boolean; description?: string; examples?: unknown[] } = {},
) {
  if (item.$id === undefined) throw new TypeError(`the items of ${$id} need a $id`);
  const { examples } = item as { examples?: unknown[] };
  return Type.Object(
    {
      items: Type.Array(ref<Static<T>>(item.$id)),
      next_cursor: nullable<string>('string', {
        description: isWhole
          ? 'Always null: the list is whole.'
          : 'Pass it as `cursor` for the next page; null on the last one.',
      }),
    },
    {
      $id,
      description: 'A page of the list, and where the next one begins.',
      ...(examples && { examples: [{ items: examples, next_cursor: null }] }),
      ...options,
    },
  );
}

type KeyValue = string | number;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const date = /^\d{4}-\d{2}-\d{2}$/;
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/;
const isRealTime = (text: string) => {
  const at = new Date(text);
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text.slice(0, 10);
};

/** The types that a member of a key may have. Each checks what a cursor claims before any of it reaches SQL. */
const keyTypes = {
  uuid: (value: unknown): value is string => typeof value === 'string' && uuid.test(value),
  text: (value: unknown): value is string =>
    typeof value === 'string' && value.length <= 1000 && value.isWellFormed() && !value.includes('\0'),
  /** PostgreSQL `integer`. */
  integer: (value: unknown): value is number =>
    Number.isInteger(value) && Math.abs(value as number) <= 2_147_483_647,
  /** PostgreSQL `bigint`, as far as a JSON number is exact. */
  bigint: (value: unknown): value is number => Number.isSafeInteger(value),
  date: (value: unknown): value is string =>
    typeof value === 'string' && date.test(value) && isRealTime(`${value}T00:00:00Z`),
  /** RFC 3339 in UTC; up to microseconds, as PostgreSQL keeps them. */
  time: (value: unknown): value is string =>
    typeof value === 'string' && time.test(value) && isRealTime(value),
};
type KeyType = keyof typeof keyTypes;
type Key<Types extends readonly KeyType[]> = {
  -readonly [Index in keyof Types]: Types[Index] extends 'integer' | 'bigint' ? number : string;
};

/** What a list needs of a Fastify request and reply; structural, so that any route's generics fit. */
interface ListRequest {
  url: string;
  query: unknown;
}
interface ListReply {
  request: ListRequest;
  header(name: string, value: string): unknown;
}

/**
 * Twelve base64url characters for a path and its filters. The order of the filters and the page make no
 * difference.
 */
function mark(request: ListRequest): string {
  const { limit: _, cursor: __, ...filters } = request.query as Record<string, unknown>;
  const path = request.url.split('?', 1)[0];
  const content = JSON.stringify([path, Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1))]);
  return createHash('sha256').update(content).digest('base64url').slice(0, 12);
}

export function encodeCursor(request: ListRequest, key: readonly KeyValue[]): string {
  return Buffer.from(JSON.stringify([mark(request), ...key])).toString('base64url');
}

/** What a cursor holds; undefined where no list can have made it. */
function contentOf(cursor: string): unknown[] | undefined {
  const bytes = Buffer.from(cursor, 'base64url');
  try {
    const content: unknown = JSON.parse(bytes.toString('utf8'));
    return Array.isArray(content) && bytes.toString('base64url') === cursor ? content : undefined;
  } catch {
    return undefined;
  }
}

const damaged = 'is damaged: pass next_cursor exactly as it was given';
const faultOf = (message: string): RequestFault => ({
  in: 'query',
  pointer: '/cursor',
  code: 'bad-cursor',
  message,
});

/** The problem for a cursor; `message` continues 'The cursor ...'. Problem `bad-cursor` (400). */
export const badCursor = (message: string): Problem =>
  new Problem('bad-cursor', { detail: `The cursor ${message}.`, errors: [faultOf(message)] });

/** The fault of a cursor that no list can have made, whatever else the request asks for. */
export function damagedCursor({ query }: Pick<ListRequest, 'query'>): RequestFault[] {
  const { cursor } = query as { cursor?: unknown };
  return typeof cursor === 'string' && !contentOf(cursor) ? [faultOf(damaged)] : [];
}

/**
 * The key after which the page asked for begins; undefined for the first page.
 * Problem `bad-cursor` (400) for a cursor that is damaged, or was made for another list or other filters.
 */
export function decodeCursor<const Types extends readonly KeyType[]>(
  request: ListRequest,
  types: Types,
): Key<Types> | undefined {
  const { cursor } = request.query as { cursor?: string };
  if (cursor === undefined) return undefined;
  const content = contentOf(cursor);
  if (content === undefined) throw badCursor(damaged);
  const [madeFor, ...key] = content;
  if (madeFor !== mark(request)) throw badCursor('belongs to another list or to other filters');
  if (key.length !== types.length || !types.every((type, index) => keyTypes[type](key[index])))
    throw badCursor('does not hold a key of this list');
  return key as Key<Types>;
}

/** How many rows to ask the database for: one more than the page holds, to know whether another page follows. */
export function rowsWanted(request: ListRequest): number {
  return ((request.query as { limit?: number }).limit ?? defaultLimit) + 1;
}

/**
 * Makes a page of up to `rowsWanted` rows, in the list's total order. Sets `Link: <…>; rel="next"` where more
 * follow. `keyOf` gives the key of a row: its values, in the order of the types that `decodeCursor` takes.
 */
export function page<Row>(
  reply: ListReply,
  rows: readonly Row[],
  keyOf: (row: Row) => readonly KeyValue[],
): { items: Row[]; next_cursor: string | null } {
  const { request } = reply;
  const limit = rowsWanted(request) - 1;
  if (rows.length <= limit) return { items: [...rows], next_cursor: null };
  const items = rows.slice(0, limit);
  const next_cursor = encodeCursor(request, keyOf(items.at(-1)!));
  const [path, ...query] = request.url.split('?');
  const parameters = new URLSearchParams(query.join('?'));
  parameters.set('cursor', next_cursor);
  reply.header('link', `<${path}?${parameters}>; rel="next"`);
  return { items, next_cursor };
}
