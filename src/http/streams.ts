import { type TSchema, Type } from 'typebox';
import type { Format, FormatOptions, Row } from '../formats/format.ts';
import { type Language, languages } from '../formats/labels.ts';
import { keys } from './schema-parts.ts';

/** The options of formats that callers may choose. */
const options = {
  bom: Type.Boolean({
    default: false,
    description: 'Begin with a byte order mark, by which Excel knows UTF-8.',
  }),
  labels: keys(['key', ...languages], {
    default: 'key',
    description:
      'What stands in the header and for coded values: permanent keys, or the official Chinese labels or English ones in their place. Divisions have their full Chinese names in both; a town keeps its code.',
  }),
} satisfies Record<keyof FormatOptions, TSchema>;

/** Query members of operations that answer in a format. */
export const formatQuery = (format: Format) =>
  Object.fromEntries(format.options.map((name) => [name, Type.Optional(options[name])]));

/** Splits a query into the options of the format and the rest. */
export function splitQuery<Query extends object>(query: unknown) {
  const { bom = false, labels = 'key', ...rest } = query as { bom?: boolean; labels?: 'key' | Language };
  return { bom, labels, query: rest as Query };
}

/** Query members of operations that answer as a dataset, whose labels are in one language. */
export const datasetQuery = {
  lang: Type.Optional(
    keys(languages, {
      default: 'zh',
      description: 'The language of labels: official Chinese ones or English ones.',
    }),
  ),
};

/** The 200 answer of an operation in a format, for the OpenAPI document. */
export const formatAnswer = ({ description, media_type, example }: Format) => ({
  description,
  content: {
    [media_type.split(';')[0]!]: {
      schema:
        example === undefined
          ? { type: 'string', format: 'binary', examples: ['PAR1'] }
          : { type: 'string', examples: [example] },
    },
  },
});

/** The same rows, the first of them already fetched: what fails at once then fails before the answer has begun. */
async function primed(rows: AsyncIterable<Row>): Promise<AsyncIterable<Row>> {
  const iterator = rows[Symbol.asyncIterator]();
  let first: IteratorResult<Row> | undefined = await iterator.next();
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const result = first ?? (await iterator.next());
        first = undefined;
        return result;
      },
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }),
  };
}

/** What streaming needs of a Fastify reply; structural, so that any route's generics fit. */
interface StreamReply {
  headers(values: Record<string, string>): unknown;
  send(payload: never): unknown;
}

/** Streams rows as a file named `name`; ends the source when the client goes away. */
export async function sendRows<Reply extends StreamReply>(
  reply: Reply,
  format: Format,
  name: string,
  rows: AsyncIterable<Row>,
  columns: readonly string[],
  options: FormatOptions,
): Promise<Reply> {
  const source = await primed(rows);
  reply.headers({
    'content-type': format.media_type,
    'content-disposition': `attachment; filename="${name}.${format.suffix}"`,
  });
  reply.send(format.stream(source, columns, options) as never);
  return reply;
}

/** How many rows of a list are read at a time while it is streamed, unless each read has a cost of its own. */
const rowsPerRead = 1000;

/**
 * All rows of a list after a key, read page by page, each page after the last key of the one before. So no
 * connection is held while the reader is slow.
 */
export async function* everyRow<T, Key>(
  readAfter: (after: Key | undefined, limit: number) => Promise<T[]>,
  keyOf: (row: T) => Key,
  { after, perRead = rowsPerRead }: { after?: Key | undefined; perRead?: number } = {},
): AsyncGenerator<T> {
  let last = after;
  for (;;) {
    const rows = await readAfter(last, perRead);
    yield* rows;
    if (rows.length < perRead) return;
    last = keyOf(rows.at(-1)!);
  }
}
