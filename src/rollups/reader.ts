import { LRUCache } from 'lru-cache';
import { sizeOf } from '../aggregates/columns.ts';
import type { PartialSums } from '../aggregates/partial-sums.ts';
import type { App } from '../http/app-type.ts';
import { KeptRegister } from '../walk/kept-register.ts';
import { keepAnswers, type Subject } from './kept-answers.ts';
import { type RollupState, stateReader } from './state.ts';

declare module 'fastify' {
  interface FastifyInstance {
    rollups: RollupReader;
  }
}

export interface Statement {
  sql: string;
  parameters: readonly unknown[];
}

/** The folded sums that answer a question. */
interface Folded {
  generation: number;
  sums: PartialSums;
  /** What changes them: its first parameter is the generation after which. */
  changes: Statement;
}

/** By question. */
export type FoldedSums = LRUCache<string, Folded>;

/** What is kept of earlier questions, and the state in which the next one is asked, if that was read. */
export interface KeptSums {
  folded: FoldedSums;
  register: KeptRegister;
  state?: RollupState;
}

export interface RollupReader {
  /** To be awaited before sums are read: they are quick to read then, however many changes there were. */
  state(): Promise<RollupState>;
  /**
   * An answer as JSON about published reports, made once for as long as nothing changes that it is about: it holds
   * every write that was acknowledged before it was asked for. Who asks while it is being made waits for it. One of very
   * many rows is not kept and given as it was made: it would take the place of all others, and memory twice.
   */
  answer<Of extends { data: readonly unknown[] }>(
    question: string,
    make: () => Promise<Of>,
    subject: () => Subject,
  ): Promise<Buffer | Of>;
  /** What later answers are made of, together with what changed since; in the present state, as `state` reads it. */
  sums(): Promise<Required<KeptSums>>;
}

/** How much is kept of answers and of the sums that they are made of, megabytes. */
export const defaultKeptMegabytes = 24;

/** Rows of an answer that may be kept, which is a megabyte or two then. */
const mostRowsKept = 10_000;

const encoder = new TextEncoder();

export function registerRollups(app: App, keptMegabytes = defaultKeptMegabytes): void {
  // Two thirds for sums, of which more is made than one answer; into one byte nothing fits.
  const third = Math.max(1, Math.floor((keptMegabytes * 1024 * 1024) / 3));
  const answers = keepAnswers(third);
  const state = stateReader(app.db, answers.enter);
  const folded: FoldedSums = new LRUCache<string, Folded>({
    maxSize: 2 * third,
    // Parameters are about what the name says; of all tables only that of the rows is ever large. Its cells are kept with it.
    sizeCalculation: ({ sums, changes }, name) =>
      Math.ceil(1.75 * sizeOf(sums.rows)) + changes.sql.length + 3 * name.length + 1000,
  });
  const register = new KeptRegister();
  const underway = new Map<string, Promise<unknown>>();

  app.decorate('rollups', {
    state,
    async sums() {
      return { folded, register, state: await state() };
    },
    async answer<Of extends { data: readonly unknown[] }>(
      question: string,
      make: () => Promise<Of>,
      subject: () => Subject,
    ): Promise<Buffer | Of> {
      await state();
      const { version } = answers;
      const name = `${version} ${question}`;
      const known = answers.get(question) ?? (underway.get(name) as Promise<Buffer | Of> | undefined);
      if (known !== undefined) return known;
      const made = make().then((answer) => {
        if (answer.data.length > mostRowsKept) return answer;
        // Not from the pool of small buffers, of which one that is kept would hold 8 KB.
        const json = Buffer.from(encoder.encode(JSON.stringify(answer)).buffer);
        if (answers.version === version) answers.keep(question, json, subject());
        return json;
      });
      underway.set(name, made);
      return made.finally(() => underway.delete(name));
    },
  });
}
