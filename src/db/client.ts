import pg from 'pg';
import { nameOf } from './prepared.ts';

/** Ends a connection at once, so that whatever waits on it fails with `reason` and the pool drops the client. */
const sever = (connection: pg.Connection, reason: Error) => connection.stream.destroy(reason);

const noAnswer = (milliseconds: number) =>
  Object.assign(new Error(`PostgreSQL did not answer within ${milliseconds} ms; the connection was closed`), {
    code: 'ETIMEDOUT',
  });

/** Returns the promise of `send`, and calls `late` unless that settles within `milliseconds`. */
const watch = <T>(send: () => Promise<T>, milliseconds: number, late: () => void): Promise<T> => {
  const timer = setTimeout(late, milliseconds);
  return send().finally(() => clearTimeout(timer));
};

type Query = (...args: unknown[]) => Promise<unknown>;

/** Takes what `copy … to stdout` sends, piece by piece. Each piece is overwritten when the next one comes. */
export type TakeCopied = (piece: Buffer) => void;

/**
 * Runs `copy … to stdout` and hands on its pieces, which pg itself would drop. What `take` throws is the error of the
 * query.
 */
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
 * A pg client that a broken link can neither crash nor hang. pg emits an `error` event when a connection is lost
 * outside a query, also while a transaction holds the client; it ends the process unless someone listens. pg's own
 * `query_timeout` hands a half-open connection back to the pool; here a late answer closes the connection. Whatever
 * is asked of a lost connection fails with the reason of the loss, which a failed rollback would hide.
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
      this.query = ((...args: unknown[]) =>
        watch(() => send(...args), milliseconds, late).catch((error: Error) => {
          throw loss ?? error;
        })) as typeof this.query;
    }
  };
