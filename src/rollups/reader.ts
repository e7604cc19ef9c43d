import { LRUCache } from 'lru-cache';
import { coalesce } from '../db/coalesce.ts';
import type { Db } from '../db/database.ts';
import { prepare } from '../db/prepared.ts';
import type { App } from '../http/app-type.ts';
import { foldRollups } from './maintenance.ts';

declare module 'fastify' {
  interface FastifyInstance {
    rollups: RollupReader;
  }
}

/** Names a state of the rollups: what was answered in one is right as long as it lasts. */
export interface RollupState {
  generation: number;
  /** Changes that are not folded yet; grows with each commit until the next generation. */
  pending: number;
  as_of: string;
}

export interface Statement {
  sql: string;
  parameters: readonly unknown[];
}

/** The folded sums that answer a question. */
interface Folded {
  generation: number;
  /** As `packed` in partial-sums.ts. */
  text: string;
  /** What changes them: its first parameter is the generation after which. */
  changes: Statement;
}

/** By question. */
export type FoldedSums = LRUCache<string, Folded>;

/** What is kept of earlier questions, and the state in which the next one is asked, if that was read. */
export interface KeptSums {
  folded: FoldedSums;
  state?: RollupState;
}

export interface RollupReader {
  /** To be awaited before sums are read: they are quick to read then, however many changes there were. */
  state(): Promise<RollupState>;
  /**
   * The JSON text of an answer that comes from the rollups alone, made once for each of their states: it holds every
   * write that was acknowledged before it was asked for. Who asks while it is being made waits for it.
   */
  answer(question: string, make: () => Promise<unknown>): Promise<string>;
  /** What later answers are made of, together with what changed since; in the present state, as `state` reads it. */
  sums(): Promise<Required<KeptSums>>;
}

/** As many changes as a reader adds up by itself; of more it has the database fold them first, unless that is being done. */
const fewChanges = 500;

/** How much is kept of answers and of the sums that they are made of, megabytes. */
export const defaultKeptMegabytes = 24;

const selectState = prepare<RollupState>(
  'rollup_state',
  'select generation, (select count(*) from rollup_changes) as pending, now() as as_of from rollup_state',
);

/** Reads the state once for all who ask at the same time, and never of a moment before they asked. */
function stateReader(db: Db): () => Promise<RollupState> {
  const read = coalesce(async (askers: true[]) => {
    let [state] = await selectState(db, []);
    if (state!.pending > fewChanges) {
      await foldRollups(db);
      [state] = await selectState(db, []);
    }
    return askers.map(() => state!);
  });
  return () => read(true);
}

export function registerRollups(app: App, keptMegabytes = defaultKeptMegabytes): void {
  // Half for either; into one byte nothing fits.
  const maxSize = Math.max(1, (keptMegabytes * 1024 * 1024) / 2);
  const state = stateReader(app.db);
  const kept = new LRUCache<string, string>({
    maxSize,
    sizeCalculation: (text, name) => 2 * (text.length + name.length),
  });
  const folded: FoldedSums = new LRUCache<string, Folded>({
    maxSize,
    // Parameters are about what the name says.
    sizeCalculation: ({ text, changes }, name) => text.length + changes.sql.length + 3 * name.length,
  });
  // What nobody asks again displaces nothing.
  const askedFor = new LRUCache<string, true>({ max: 1000 });
  let latest = '';
  const underway = new Map<string, Promise<string>>();

  app.decorate('rollups', {
    state,
    async sums() {
      return { folded, state: await state() };
    },
    async answer(question, make) {
      const { generation, pending } = await state();
      const present = `${generation} ${pending}`;
      // A state never comes back.
      if (present !== latest) {
        kept.clear();
        askedFor.clear();
      }
      latest = present;
      const name = `${present} ${question}`;
      const text = kept.get(name) ?? underway.get(name);
      if (text !== undefined) return text;
      const made = make().then((answer) => {
        const made = JSON.stringify(answer);
        if (askedFor.has(name)) kept.set(name, made);
        else askedFor.set(name, true);
        return made;
      });
      underway.set(name, made);
      return made.finally(() => underway.delete(name));
    },
  });
}
