import { LRUCache } from 'lru-cache';
import type { Touched } from './state.ts';

/** What an answer is about. Only changes that concern it can change the answer. */
export interface Subject {
  /** The years of its reports; undefined for all. */
  years: readonly number[] | undefined;
  /** The codes of the provinces of their organs; undefined for all. */
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
  /**
   * Begins a moment: forgets the answers about what changed since the moment before, or all answers where that is not
   * known.
   */
  enter(moment: number, touched: readonly Touched[] | undefined): void;
  get(question: string): Buffer | undefined;
  /** Keeps an answer if it is of the present moment and its question was asked before. Returns whether it did. */
  keep(question: string, moment: number, json: Buffer, subject: Subject): boolean;
}

/** Keeps answers to questions, as JSON, for as long as nothing that they are about changes. `maxSize` is in bytes. */
export function keepAnswers(maxSize: number): KeptAnswers {
  const kept = new LRUCache<string, Kept>({
    maxSize,
    sizeCalculation: ({ json }, question) => json.length + 2 * question.length,
  });
  // A question that nobody repeats must displace nothing. What was asked in one state will be asked in the next as
  // well.
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
