import { LRUCache } from 'lru-cache';
import type { Touched } from './state.ts';

/** What an answer is about: no other change can change it. */
export interface Subject {
  /** Of reports; undefined where all years are meant. */
  years: readonly number[] | undefined;
  /** Codes of the provinces of their organs; undefined where all are meant. */
  provinces: readonly string[] | undefined;
}

interface Kept {
  json: Buffer;
  subject: Subject;
}

const concerns = ({ years, provinces }: Subject, [year, province]: Touched): boolean =>
  (year <= 0 || years === undefined || years.includes(year)) &&
  (provinces === undefined || provinces.includes(province));

interface KeptAnswers {
  /** Forgets the answers about what changed since the moment before; all of them where that is not known. */
  enter(moment: number, touched: readonly Touched[] | undefined): void;
  get(question: string): Buffer | undefined;
  /** Keeps an answer to what has been asked before, of the present moment; of an earlier one it does not. Says whether. */
  keep(question: string, moment: number, json: Buffer, subject: Subject): boolean;
}

/** Answers to questions, as JSON, for as long as nothing that they are about changes. `maxSize` in bytes. */
export function keepAnswers(maxSize: number): KeptAnswers {
  const kept = new LRUCache<string, Kept>({
    maxSize,
    sizeCalculation: ({ json }, question) => json.length + 2 * question.length,
  });
  // What nobody asks again displaces nothing; what was asked for in one state will be in the next.
  const askedFor = new LRUCache<string, true>({ max: 1000 });
  let present = 0;
  return {
    enter(moment, touched) {
      present = moment;
      if (!touched) kept.clear();
      else
        for (const [question, { subject }] of kept.entries())
          if (touched.some((each) => concerns(subject, each))) kept.delete(question);
    },
    get: (question) => kept.get(question)?.json,
    keep(question, moment, json, subject) {
      if (moment !== present) return false;
      if (askedFor.has(question)) return kept.set(question, { json, subject }).has(question);
      askedFor.set(question, true);
      return false;
    },
  };
}
