import { LRUCache } from 'lru-cache';
import type { RollupState, Touched } from './state.ts';

/** Which changes can change an answer. */
export interface Scope {
  /** Of reports; undefined where all years are meant. */
  years: readonly number[] | undefined;
  /** Codes of the provinces of their organs; undefined where all are meant. */
  provinces: readonly string[] | undefined;
}

interface Kept {
  text: Buffer;
  scope: Scope;
}

const concerns = ({ years, provinces }: Scope, [year, province]: Touched): boolean =>
  (year === 0 || years === undefined || years.includes(year)) &&
  (provinces === undefined || provinces.includes(province));

export interface KeptAnswers {
  /** Counts the states that differ from the one before. */
  readonly version: number;
  /** Forgets what changed until the next state, or everything where that is not known. */
  enter(state: RollupState): void;
  get(question: string): Buffer | undefined;
  /** Keeps an answer that was made in the present version, if it has been asked for before. */
  keep(question: string, text: Buffer, scope: Scope): void;
}

/** Answers to questions, as JSON, for as long as nothing that they are about changes. `maxSize` in bytes. */
export function keepAnswers(maxSize: number): KeptAnswers {
  const kept = new LRUCache<string, Kept>({
    maxSize,
    sizeCalculation: ({ text }, question) => text.length + 2 * question.length,
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
      // All was worked out anew, very much was written, or the database was replaced by an earlier one.
      const isUnknown = state.horizon > generation || state.generation < generation;
      ({ generation } = state);
      if (isUnknown) kept.clear();
      for (const [question, { scope }] of kept.entries())
        if (state.touched.some((each) => concerns(scope, each))) kept.delete(question);
      if (isUnknown || state.touched.length > 0) version++;
    },
    get: (question) => kept.get(question)?.text,
    keep(question, text, scope) {
      if (askedFor.has(question)) kept.set(question, { text, scope });
      else askedFor.set(question, true);
    },
  };
}
