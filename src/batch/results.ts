import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { toProblem } from '../http/error-handler.ts';
import type { Problem } from '../http/problem.ts';
import { type Filing, keyOf, longestLine, type Misfit } from './filings.ts';
import { type Line, linesOf } from './lines.ts';
import { type Outcome, refused } from './outcomes.ts';

/**
 * The most lines that are written in one transaction: more would gain little, take more memory and hold locks longer.
 */
const mostTogether = 100;
/** The most lines, and bytes of lines, that wait for the batch before them. Beyond, the sender is held up. */
const mostWaiting = 100;
const mostBytesWaiting = 2 * longestLine;
/** Pauses before each new attempt at a batch that the database could not take, milliseconds. */
const pauses = [100, 500, 2_000];

/** The most batches written at a time: while PostgreSQL works on one, the rules look at the next. */
const mostAtOnce = 2;

type Item = Filing | Misfit;
const isFiling = (item: Item): item is Filing => 'content' in item;
/**
 * The organ and scope of a filing. Two batches at a time share none, since a report is checked beside that of the
 * year before.
 */
const yearsOf = ({ key: { organ_id, scope } }: Filing): string => `${organ_id} ${scope}`;

interface BatchWork {
  body: Readable;
  read: (line: Line) => Item;
  /** Writes filings with different keys: all or, when it throws, none. */
  write: (filings: readonly Filing[]) => Promise<Outcome[]>;
  /** Takes faults of the service, of which the caller is told only in general. */
  onFault: (problem: Problem, error: unknown) => void;
}

/**
 * Takes from `waiting` the next lines that can be written together: no two of the same report, and none that
 * `mustWait`.
 */
function take(waiting: Item[], mustWait: (item: Item) => boolean): Item[] {
  const keys = new Set<string>();
  let count = 0;
  for (const item of waiting) {
    if (count === mostTogether || mustWait(item)) break;
    if (isFiling(item)) {
      const key = keyOf(item.key);
      if (keys.has(key)) break;
      keys.add(key);
    }
    count++;
  }
  return waiting.splice(0, count);
}

/** Problems that arise where another writer was quicker. A new attempt finds what the other one wrote. */
const races = ['report-exists', 'draft-exists', 'wrong-state'];

/**
 * Writes filings and returns what became of them. A batch that fails is written line by line, so that a line which
 * cannot be stored takes no other down. Where another writer was quicker, or the database is out of reach, the batch
 * is tried again as it is. That is safe: what was stored after all is found unchanged.
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

/** A batch on its way. */
interface Flight {
  years: ReadonlySet<string>;
  outcomes: Promise<Outcome[]>;
}

function start(items: readonly Item[], work: BatchWork): Flight {
  const filings = items.filter(isFiling);
  const misfits = items.flatMap((item) => (isFiling(item) ? [] : [refused(item, item.problem)]));
  const outcomes = settle(filings, work).then((settled) =>
    [...misfits, ...settled].sort((a, b) => a.line - b.line),
  );
  // A failure is thrown where the outcomes are awaited. Until then it must not count as an unhandled rejection.
  outcomes.catch(() => {});
  return { years: new Set(filings.map(yearsOf)), outcomes };
}

/**
 * The outcomes of a body's lines in their order, a batch at a time. While a batch is written, the lines behind it are
 * read and checked. If they fill another batch it is begun as well, unless it would be about the same organs. A batch
 * is whatever waits when the one before is done, so a slow sender is answered line by line.
 */
export async function* outcomesOf(work: BatchWork): AsyncGenerator<Outcome[]> {
  const waiting: Item[] = [];
  const flights: Flight[] = [];
  let bytes = 0;
  let isEnded = false;
  let failure: unknown;
  let waiters: (() => void)[] = [];
  const change = () => new Promise<void>((resolve) => waiters.push(resolve));
  const wake = () => {
    const woken = waiters;
    waiters = [];
    for (const resolve of woken) resolve();
  };
  const isFull = () => waiting.length >= mostWaiting || bytes >= mostBytesWaiting;

  const receive = async () => {
    try {
      for await (const lines of linesOf(work.body, longestLine))
        for (const line of lines) {
          if (isEnded) return;
          const item = work.read(line);
          waiting.push(item);
          bytes += item.size;
          wake();
          while (!isEnded && isFull()) await change();
        }
    } catch (error) {
      failure = error;
    }
    isEnded = true;
    wake();
  };
  /**
   * Begins a batch if one can be, and returns whether it did. Where none is under way it takes whatever waits; beside
   * another it takes only a full batch, or the last one.
   */
  const begin = (): boolean => {
    const isWhole = waiting.length >= mostTogether || isFull() || isEnded;
    if (waiting.length === 0 || flights.length === mostAtOnce || (flights.length > 0 && !isWhole))
      return false;
    const items = take(
      waiting,
      (item) => isFiling(item) && flights.some(({ years }) => years.has(yearsOf(item))),
    );
    if (items.length === 0) return false;
    bytes -= items.reduce((sum, { size }) => sum + size, 0);
    wake();
    flights.push(start(items, work));
    return true;
  };
  const received = receive();
  try {
    for (;;) {
      // The sender went away. What it meant to send next is not known, so nothing more is written.
      if (failure !== undefined) throw failure;
      if (begin()) continue;
      const first = flights[0];
      if (first === undefined) {
        if (isEnded) return;
        await change();
        continue;
      }
      const landed = await Promise.race([first.outcomes, change()]);
      if (landed === undefined) continue;
      flights.shift();
      yield landed;
    }
  } finally {
    // A caller who stops before the body ends has lost the connection, or gives it up.
    if (!isEnded) work.body.destroy();
    isEnded = true;
    wake();
    await Promise.allSettled([received, ...flights.map(({ outcomes }) => outcomes)]);
  }
}
