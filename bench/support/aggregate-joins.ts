import { sql } from 'kysely';
import type { AnalystQuery } from '../../src/aggregates/answer.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { select } from '../../src/aggregates/selection.ts';
import { type Db, openDatabase } from '../../src/db/database.ts';
import { applicantKeys } from '../../src/editions/vocabulary.ts';
import { sumFromRows } from '../../test/support/from-rows.ts';
import { national } from './aggregate-queries.ts';

/**
 * What the national query is compared with, asked of PostgreSQL directly. Times are in milliseconds, one for each
 * run.
 */
export interface Joined {
  /**
   * What anyone would write: reports joined to their figures, so that consolidated reports and their parts both
   * count.
   */
  plain: number[];
  /**
   * What the service does without rollups: every figure counts once, what is covered is left out, coverage is worked
   * out.
   */
  exact: number[];
}

/**
 * Adds up the whole country from its rows, for one year or for all. It does so `runs` times, after once that does not
 * count.
 */
export async function timeJoins(url: string, year: string | undefined, runs: number): Promise<Joined> {
  const db = openDatabase(url, { max: 1, statementTimeout: 0, transactionTimeout: 0 });
  const query = national(year);
  const sums = applicantKeys.map((key) => sql`sum(facts.${sql.id(key)}), count(facts.${sql.id(key)})`);
  const plain = () =>
    sql`select reports.year, facts.row, count(*), ${sql.join(sums)}
      from reports
        join organs on organs.id = reports.organ_id
        join revisions on revisions.report_id = reports.id and revisions.state = 'published'
        join request_statistics as facts on facts.revision_id = revisions.id
      where ${year === undefined ? sql`true` : sql`reports.year = ${year}::int`}
      group by reports.year, facts.row`.execute(db);
  try {
    return { plain: await time(plain, runs), exact: await time(() => fromRows(db, query), runs) };
  } finally {
    await db.destroy();
  }
}

/**
 * Answers a query report by report, `runs` times after once that does not count. Returns the milliseconds of each
 * run.
 */
export async function timeRows(url: string, query: AnalystQuery, runs: number): Promise<number[]> {
  const db = openDatabase(url, { max: 1, statementTimeout: 0, transactionTimeout: 0 });
  return time(() => fromRows(db, query), runs).finally(() => db.destroy());
}

function fromRows(db: Db, query: AnalystQuery): Promise<unknown> {
  const selection = select(requestStatistics, query);
  return sumFromRows(db, requestStatistics, query, selection, 10_000_000);
}

async function time(work: () => Promise<unknown>, runs: number): Promise<number[]> {
  const times: number[] = [];
  for (let run = -1; run < runs; run++) {
    const began = performance.now();
    await work();
    if (run >= 0) times.push(performance.now() - began);
  }
  return times;
}
