import { LRUCache } from 'lru-cache';
import type { RollupState, Touched } from './state.ts';

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

export interface KeptAnswers {
  /** Counts the states that differ from the one before. */
  readonly version: number;
  /** Forgets the answers about what changed since the state before; all of them where that is not known. */
  enter(state: RollupState): void;
  get(question: string): Buffer | undefined;
  /** Keeps an answer to what has been asked before. The caller has begun it in the present version. */
  keep(question: string, json: Buffer, subject: Subject): void;
}

/** Answers to questions, as JSON, for as long as nothing that they are about changes. `maxSize` in bytes. */
export function keepAnswers(maxSize: number): KeptAnswers {
  const kept = new LRUCache<string, Kept>({
    maxSize,
    sizeCalculation: ({ json }, question) => json.length + 2 * question.length,
  });
  // What nobody asks again displaces nothing; what was asked for in one state will be in the next.
  const askedFor = new LRUCache<string, true>({ max: 1000 });
  let generation = -1;
  let version = 0;
  return {
    get version() {
      return version;
    },
    enter(state) {
      // All was worked out anew, or more was written than is remembered.
      const isUnknown = state.horizon > generation || state.generation < generation;
      ({ generation } = state);
      if (isUnknown) kept.clear();
      for (const [question, { subject }] of kept.entries())
        if (state.touched.some((each) => concerns(subject, each))) kept.delete(question);
      if (isUnknown || state.touched.length > 0) version++;
    },
    get: (question) => kept.get(question)?.json,
    keep(question, json, subject) {
      if (askedFor.has(question)) kept.set(question, { json, subject });
      else askedFor.set(question, true);
    },
  };
}
