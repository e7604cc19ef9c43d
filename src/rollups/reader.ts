import { LRUCache } from 'lru-cache';
import { sizeOf } from '../aggregates/columns.ts';
import { jsonOf } from '../aggregates/json.ts';
import type { PartialSums } from '../aggregates/partial-sums.ts';
import type { Db } from '../db/database.ts';
import type { App } from '../http/app-type.ts';
import { passOn } from '../http/passing-bytes.ts';
import { KeptRegister } from '../walk/kept-register.ts';
import { KeptCells } from './cells.ts';
import { keepAnswers, type Subject } from './kept-answers.ts';
import { type RollupState, stateReader } from './state.ts';

declare module 'fastify' {
  interface FastifyInstance {
    rollups: RollupReader;
  }
}

/** The sums that answer a question, as of a moment. */
interface SumsOfMoment {
  moment: number;
  sums: PartialSums;
}

/** Such sums, by question. */
type SumsByQuestion = LRUCache<string, SumsOfMoment>;

/** What is kept of earlier questions, and the state in which the next one is asked. */
export interface KeptSums {
  byQuestion: SumsByQuestion;
  register: KeptRegister;
  cells: KeptCells;
  state: RollupState;
  /** The same, in the present state. */
  later(): Promise<KeptSums>;
  /** The same, in the state that a transaction sees. The transaction must have begun after this state was read. */
  within(transaction: Db): Promise<KeptSums>;
}

interface RollupReader {
  /**
   * The answer to a question about published reports, as JSON. It holds every write that was acknowledged before the
   * question came. Callers who ask while it is being made wait for the same answer. It may be kept for as long as
   * nothing that it is about changes. An answer of very many rows is not kept but returned as it was made: it would
   * take the place of all others, and memory twice.
   */
  answer<Of extends object>(
    question: string,
    make: (sums: KeptSums) => Promise<Of>,
    subject: () => Subject,
  ): Promise<Buffer | Of>;
  /**
   * What answers are made of, in the present state. However many changes there were, answers are quick to make from
   * it.
   */
  sums(): Promise<KeptSums>;
}

/** How much memory the kept answers, and the sums that they are made of, may take by default, megabytes. */
export const defaultKeptMegabytes = 24;

/** The most rows of an answer that may be kept: it has a megabyte or two then. */
const mostRowsKept = 10_000;

export function registerRollups(app: App, keptMegabytes = defaultKeptMegabytes): void {
  // Two thirds are for sums, since several answers are made of the same sums. If nothing is to be kept the size is
  // one byte, into which nothing fits.
  const third = Math.max(1, Math.floor((keptMegabytes * 1024 * 1024) / 3));
  const answers = keepAnswers(third);
  const states = stateReader(app.db, answers.enter);
  const byQuestion: SumsByQuestion = new LRUCache<string, SumsOfMoment>({
    maxSize: 2 * third,
    // Of the tables of sums only `rows` is ever large. The cells made of them, and their JSON, are kept as well, hence
    // the factor.
    sizeCalculation: ({ sums }, name) => Math.ceil(2.5 * sizeOf(sums.rows)) + 3 * name.length + 1000,
  });
  const register = new KeptRegister();
  const cells = new KeptCells();
  const underway = new Map<string, { answer: Promise<unknown>; requests: number }>();
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
        others.requests++;
        return others.answer as Promise<Buffer | Of>;
      }
      const answer = async (): Promise<Buffer | Of> => {
        try {
          const made = await make(present);
          const { data = [] } = made as { data?: readonly unknown[] };
          if (data.length > mostRowsKept) return made;
          const json = passOn(jsonOf(made), mine.requests);
          answers.keep(question, moment, json, subject());
          return json;
        } finally {
          // At once: bytes that were passed on are gone when they are sent, so nobody else may be given them.
          underway.delete(name);
        }
      };
      // `answer` begins only after `mine` is set and underway.
      const mine = { answer: Promise.resolve().then(answer), requests: 1 };
      underway.set(name, mine);
      return mine.answer;
    },
  });
}
