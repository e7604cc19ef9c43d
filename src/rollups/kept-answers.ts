import { LRUCache } from 'lru-cache';
import { keepBytes, passOn } from '../http/passing-bytes.ts';
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
  /** An answer that is kept, passed on to one more request. */
  get(question: string): Buffer | undefined;
  /** Keeps an answer if it is of the present moment and its question was asked before. It must have been passed on. */
  keep(question: string, moment: number, json: Buffer, subject: Subject): void;
}

/** Keeps answers to questions, as JSON, for as long as nothing that they are about changes. `maxSize` is in bytes. */
export function keepAnswers(maxSize: number): KeptAnswers {
  const kept = new LRUCache<string, Kept>({
    maxSize,
    sizeCalculation: ({ json }, question) => json.length + 2 * question.length,
    dispose: ({ json }) => keepBytes(json, false),
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
    get(question) {
      const known = kept.get(question);
      return known && passOn(known.json);
    },
    keep(question, moment, json, subject) {
      if (moment !== present) return;
      if (!askedFor.has(question)) askedFor.set(question, true);
      else if (kept.set(question, { json, subject }).has(question)) keepBytes(json, true);
    },
  };
}
