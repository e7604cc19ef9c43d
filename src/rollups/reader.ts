import { LRUCache } from 'lru-cache';
import { sizeOf } from '../aggregates/columns.ts';
import type { PartialSums } from '../aggregates/partial-sums.ts';
import type { Db } from '../db/database.ts';
import type { App } from '../http/app-type.ts';
import { bytesOf, passOn } from '../http/passing-bytes.ts';
import { KeptRegister } from '../walk/kept-register.ts';
import { KeptCells } from './cells.ts';
import { keepAnswers, type Subject } from './kept-answers.ts';
import { type RollupState, stateReader } from './state.ts';

declare module 'fastify' {
  interface FastifyInstance {
    rollups: RollupReader;
  }
}

/** Sums that answer a question, of a moment. */
interface SumsOfMoment {
  moment: number;
  sums: PartialSums;
}

/** By question. */
type SumsByQuestion = LRUCache<string, SumsOfMoment>;

/** What is kept of earlier questions, and the state in which the next one is asked. */
export interface KeptSums {
  byQuestion: SumsByQuestion;
  register: KeptRegister;
  cells: KeptCells;
  state: RollupState;
  /** The same in the state as it is now. */
  later(): Promise<KeptSums>;
  /** The same in the state that a transaction sees, which began after this one. */
  within(transaction: Db): Promise<KeptSums>;
}

interface RollupReader {
  /**
   * An answer as JSON about published reports, made once for as long as nothing changes that it is about: it holds
   * every write that was acknowledged before it was asked for. Who asks while it is being made waits for it. One of very
   * many rows is not kept and given as it was made: it would take the place of all others, and memory twice.
   */
  answer<Of extends object>(
    question: string,
    make: (sums: KeptSums) => Promise<Of>,
    subject: () => Subject,
  ): Promise<Buffer | Of>;
  /** What later answers are made of, in the present state: they are quick to make then, however many changes there were. */
  sums(): Promise<KeptSums>;
}

/** How much is kept of answers and of the sums that they are made of, megabytes. */
export const defaultKeptMegabytes = 24;

/** Rows of an answer that may be kept, which is a megabyte or two then. */
const mostRowsKept = 10_000;

export function registerRollups(app: App, keptMegabytes = defaultKeptMegabytes): void {
  // Two thirds for sums, of which more is made than one answer; into one byte nothing fits.
  const third = Math.max(1, Math.floor((keptMegabytes * 1024 * 1024) / 3));
  const answers = keepAnswers(third);
  const states = stateReader(app.db, answers.enter);
  const byQuestion: SumsByQuestion = new LRUCache<string, SumsOfMoment>({
    maxSize: 2 * third,
    // Of all tables only that of the rows is ever large. Its cells are kept with it.
    sizeCalculation: ({ sums }, name) => Math.ceil(1.75 * sizeOf(sums.rows)) + 3 * name.length + 1000,
  });
  const register = new KeptRegister();
  const cells = new KeptCells();
  const underway = new Map<string, { answer: Promise<unknown>; isShared: boolean }>();
  const inState = (state: RollupState): KeptSums => ({
    byQuestion,
    register,
    cells,
    state,
    later: async () => inState(await states.read()),
    within: async (transaction) => inState(await states.within(transaction, state)),
  });
  const sums = async () => inState(await states.read());

  app.decorate('rollups', {
    sums,
    async answer<Of extends object>(
      question: string,
      make: (sums: KeptSums) => Promise<Of>,
      subject: () => Subject,
    ): Promise<Buffer | Of> {
      const present = await sums();
      const { moment } = present.state;
      const name = `${moment} ${question}`;
      const known = answers.get(question);
      if (known !== undefined) return known;
      const others = underway.get(name);
      if (others !== undefined) {
        others.isShared = true;
        return others.answer as Promise<Buffer | Of>;
      }
      const answer = async (): Promise<Buffer | Of> => {
        try {
          const made = await make(present);
          const { data = [] } = made as { data?: readonly unknown[] };
          if (data.length > mostRowsKept) return made;
          const json = bytesOf(JSON.stringify(made));
          const isKept = answers.keep(question, moment, json, subject());
          return isKept || mine.isShared ? json : passOn(json);
        } finally {
          // At once: who asks now must not be given what was passed on.
          underway.delete(name);
        }
      };
      // Begins once it is underway.
      const mine = { answer: Promise.resolve().then(answer), isShared: false };
      underway.set(name, mine);
      return mine.answer;
    },
  });
}
