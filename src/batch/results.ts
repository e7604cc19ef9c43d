import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { toProblem } from '../http/error-handler.ts';
import type { Problem } from '../http/problem.ts';
import { type Filing, keyOf, longestLine, type Misfit } from './filings.ts';
import { type Line, linesOf } from './lines.ts';
import type { Outcome } from './write.ts';

/** Lines written as one transaction at most: more gain nothing, and hold their locks longer. */
const mostTogether = 100;
/** Lines, and bytes of lines, that wait for the batch before them; beyond, the sender is held up. */
const mostWaiting = 200;
const mostBytesWaiting = 2 * longestLine;
/** Pauses before a batch is tried again that the database could not take, milliseconds. */
const pauses = [100, 500, 2_000];

const isFiling = (item: Filing | Misfit): item is Filing => 'content' in item;

export interface BatchWork {
  body: Readable;
  read: (line: Line) => Filing | Misfit;
  /** Writes filings with different keys: all or, when it throws, none. */
  write: (filings: readonly Filing[]) => Promise<Outcome[]>;
  /** Told of faults of the service, which the caller is only told in general. */
  onFault: (problem: Problem, error: unknown) => void;
}

const refused = ({ line }: { line: number }, problem: Problem): Outcome => ({
  line,
  status: 'refused',
  report_id: null,
  revision: null,
  state: null,
  problem,
});

/** The next lines that can be written together: no two of the same report. */
function take(waiting: (Filing | Misfit)[]): (Filing | Misfit)[] {
  const keys = new Set<string>();
  let count = 0;
  for (const item of waiting) {
    if (count === mostTogether) break;
    if (isFiling(item)) {
      const key = keyOf(item.key);
      if (keys.has(key)) break;
      keys.add(key);
    }
    count++;
  }
  return waiting.splice(0, count);
}

/** Raised where another writer was quicker than the look at what is stored; a second look finds what it wrote. */
const races = ['report-exists', 'draft-exists', 'wrong-state'];

/**
 * What became of filings. A batch that fails is written line by line, so that a line which cannot be stored takes no
 * other down. Where another writer came between, or the database is out of reach, it is tried again as it is, which is
 * safe: what was stored after all is found unchanged.
 */
async function settle(
  filings: readonly Filing[],
  work: Pick<BatchWork, 'write' | 'onFault'>,
): Promise<Outcome[]> {
  if (filings.length === 0) return [];
  for (let attempt = 0; ; attempt++) {
    try {
      return await work.write(filings);
    } catch (error) {
      const problem = toProblem(error as Error);
      const pause = pauses[attempt];
      const isRace = races.includes(problem.code);
      if ((isRace || problem.code === 'unavailable') && pause !== undefined) {
        if (!isRace) await sleep(pause);
        continue;
      }
      if (filings.length > 1 && problem.code !== 'unavailable') {
        const outcomes: Outcome[] = [];
        for (const filing of filings) outcomes.push(...(await settle([filing], work)));
        return outcomes;
      }
      if (problem.statusCode >= 500) work.onFault(problem, error);
      return filings.map((filing) => refused(filing, problem));
    }
  }
}

/**
 * The outcomes of a body's lines in their order, a batch at a time. While a batch is written the lines behind it are
 * read and checked; a batch is whatever waits when the one before is done, so a slow sender is answered line by line.
 */
export async function* outcomesOf(work: BatchWork): AsyncGenerator<Outcome[]> {
  const waiting: (Filing | Misfit)[] = [];
  let bytes = 0;
  let isEnded = false;
  let failure: unknown;
  let wake = () => {};
  const change = () => new Promise<void>((resolve) => (wake = resolve));

  const receive = async () => {
    try {
      for await (const lines of linesOf(work.body, longestLine))
        for (const line of lines) {
          if (isEnded) return;
          const item = work.read(line);
          waiting.push(item);
          bytes += item.size;
          wake();
          while (!isEnded && (waiting.length >= mostWaiting || bytes >= mostBytesWaiting)) await change();
        }
    } catch (error) {
      failure = error;
    }
    isEnded = true;
    wake();
  };
  const received = receive();
  try {
    for (;;) {
      while (waiting.length === 0 && !isEnded) await change();
      // The sender went away: what it may have meant to follow is not known, so nothing more is written.
      if (failure !== undefined) throw failure;
      if (waiting.length === 0) return;
      const items = take(waiting);
      bytes -= items.reduce((sum, { size }) => sum + size, 0);
      wake();
      const misfits = items
        .filter((item) => !isFiling(item))
        .map((item) => refused(item, (item as Misfit).problem));
      const settled = await settle(items.filter(isFiling), work);
      yield [...misfits, ...settled].sort((a, b) => a.line - b.line);
    }
  } finally {
    // Whoever stops before the body ends has lost the connection, or gives it up.
    if (!isEnded) work.body.destroy();
    isEnded = true;
    wake();
    await received;
  }
}
