import { once } from 'node:events';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { nameOf } from './prepared.ts';
import { typeParsers } from './type-parsers.ts';

/** Ends a connection at once, so that whatever waits on it fails with `reason` and the pool drops the client. */
const sever = (connection: pg.Connection, reason: Error) => connection.stream.destroy(reason);

const noAnswer = (milliseconds: number) =>
  Object.assign(new Error(`PostgreSQL did not answer within ${milliseconds} ms; the connection was closed`), {
    code: 'ETIMEDOUT',
  });

/** The promise that `send` returns; `late` runs unless it settles within `milliseconds`. */
const watch = <T>(send: () => Promise<T>, milliseconds: number, late: () => void): Promise<T> => {
  const timer = setTimeout(late, milliseconds);
  return send().finally(() => clearTimeout(timer));
};

type Query = (...args: unknown[]) => Promise<unknown>;

/** Takes what `copy … to stdout` sends, piece by piece; each is overwritten when the next comes. */
export type TakeCopied = (piece: Buffer) => void;

/** `copy … to stdout`, whose pieces pg itself passes over. What taking one throws is the error of the query. */
class CopyToStdout extends pg.Query {
  readonly #take: TakeCopied;
  #fault: Error | undefined;

  constructor(text: string, take: TakeCopied, done: (error: Error | null, result: unknown) => void) {
    super(text, undefined, (error, result) => {
      const fault = error ?? this.#fault;
      if (fault) done(fault, undefined);
      else done(null, result);
    });
    this.#take = take;
  }

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    if (this.#fault) return;
    try {
      this.#take(chunk);
    } catch (error) {
      this.#fault = error as Error;
    }
  }
}

const takerOf = (text: unknown, values: unknown): TakeCopied | undefined =>
  typeof text === 'string' && text.startsWith('copy ') ? (values as [TakeCopied])[0] : undefined;

/**
 * A pg client that a broken link can neither crash nor hang. A lost connection outside a query is an `error`
 * event, which ends the process unless someone listens, also while a transaction holds the client. pg's own
 * `query_timeout` hands a half-open connection back to the pool; here a late answer closes the connection. And
 * whatever is asked of a lost connection fails with the reason of the loss, which a failed rollback would hide.
 */
export const clientWithDeadline = (milliseconds: number): typeof pg.Client =>
  class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      let loss: Error | undefined;
      this.on('error', (error) => {
        loss ??= error;
      });
      const query = this.query as Query;
      const late = () => sever(this.connection, noAnswer(milliseconds));
      const send: Query = (text, values) => {
        const name = typeof text === 'string' ? nameOf(text) : undefined;
        // By a callback: with the promise that pg makes itself, V8 moves all rows to its old generation, where they
        // stay until a major collection, and reading takes half as much processor time again.
        return new Promise((resolve, reject) => {
          const done = (error: Error | null, result: unknown) => (error ? reject(error) : resolve(result));
          const take = takerOf(text, values);
          if (take) query.call(this, new CopyToStdout(text as string, take, done));
          else query.call(this, name === undefined ? text : { name, text, values }, values, done);
        });
      };
      const ask: Query = (...args) =>
        watch(() => send(...args), milliseconds, late).catch((error: Error) => {
          throw loss ?? error;
        });
      this.query = ((...args: unknown[]) =>
        args[0] instanceof Cursor ? query.apply(this, args) : ask(...args)) as typeof this.query;
    }
  };

/** What pg-cursor keeps to itself and needs help with. */
interface CursorInside {
  connection: pg.Connection | null;
  handleDataRow(message: unknown): void;
  handleError(error: Error): void;
}

/**
 * The cursor behind Kysely's `stream()`: the service's type parsers, a deadline on every fetch (not on the reader,
 * who may be as slow as he likes), and an end also where the connection was lost or a value cannot be represented.
 */
export const cursorWithDeadline = (milliseconds: number) =>
  class extends Cursor {
    constructor(text: string, values: unknown[]) {
      super(text, values, { types: typeParsers });
      const inside = this as unknown as CursorInside;
      const handleDataRow = inside.handleDataRow;
      inside.handleDataRow = (message) => {
        try {
          handleDataRow.call(this, message);
        } catch (error) {
          // At once: the end of the result may be in the same packet, after which pg-cursor hears of no error.
          inside.handleError(error as Error);
          sever(inside.connection!, error as Error);
        }
      };
      const read = this.read as (rows: number) => Promise<unknown[]>;
      this.read = ((rows: number) => {
        const late = () => inside.connection && sever(inside.connection, noAnswer(milliseconds));
        return watch(() => read.call(this, rows), milliseconds, late);
      }) as typeof this.read;
      const close = this.close as () => Promise<void>;
      this.close = (async () => {
        const { connection } = inside;
        if (connection && !connection.stream.destroyed)
          await Promise.race([close.call(this), once(connection.stream, 'close')]);
      }) as typeof this.close;
    }
  };
