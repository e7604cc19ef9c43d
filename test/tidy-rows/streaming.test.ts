import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import t from 'tap';
import type { Row } from '../../src/formats/format.ts';
import { rowsPerChunk } from '../../src/formats/format.ts';
import { formats } from '../../src/formats/index.ts';
import { parquet, rowsPerGroup } from '../../src/formats/parquet.ts';
import { streamTidyRows } from '../../src/tidy-rows/queries.ts';
import { requestStatistics as table } from '../../src/tidy-rows/request-statistics.ts';
import { columnsOf, typesOf } from '../../src/tidy-rows/tidy-table.ts';
import { organ, realReports, report, store } from '../aggregates/stored-reports.ts';
import { createTestDatabase } from '../support/database.ts';

/** How far a stream reads ahead: counted in statements and rows, never in time or bytes. */

const { db } = await createTestDatabase(t);
const [real] = realReports().reports;
const top = organ();
const organs = [top, ...Array.from({ length: 1999 }, () => organ({ parent_id: top.id }))];
const facts = real!.request_statistics;
await store(
  db,
  organs,
  organs.map((each) => report({ organ_id: each.id, editions: real!.editions, request_statistics: facts })),
);
await sql`analyze`.execute(db);

const rowsPerStatement = 200 * facts.length;
const allRows = organs.length * facts.length;
const statementsForAll = 1 + organs.length / 200;

let statements = 0;
let rowsRead = 0;
const counting = db.withPlugin({
  transformQuery: ({ node }) => {
    statements++;
    return node;
  },
  transformResult: async ({ result }) => {
    rowsRead += result.rows.length;
    return result;
  },
});
const open = (): AsyncGenerator<Row> => {
  statements = 0;
  rowsRead = 0;
  return streamTidyRows(counting, table, { under: [top.id] });
};
const busySessions = async (): Promise<number> => {
  const { rows } = await sql<{ busy: number }>`select count(*)::int as busy from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`.execute(db);
  return rows[0]!.busy;
};

t.test(
  'rows are read a statement for every 200 reports, the next only when the last row is taken',
  async (t) => {
    let rows = 0;
    for await (const _ of open()) {
      rows++;
      const wanted = 1 + Math.ceil(rows / rowsPerStatement);
      if (statements !== wanted) t.fail(`${statements} statements for ${rows} rows, not ${wanted}`);
    }
    t.equal(rows, allRows);
    t.equal(statements, statementsForAll);
  },
);

for (const { format, held } of [
  ...formats.map((format) => ({ format, held: rowsPerChunk })),
  { format: parquet(typesOf(table)), held: rowsPerGroup },
])
  t.test(`${format.suffix} reads the database no further than its reader takes chunks`, async (t) => {
    const stream = format.stream(open(), columnsOf(table));
    const chunks = stream[Symbol.asyncIterator]();
    for (let chunk = 1; chunk <= 2; chunk++) {
      await chunks.next();
      // Ends only where no connection waits for the reader.
      do await sleep(20);
      while ((await busySessions()) > 0);
      const most = (chunk + 2) * held + rowsPerStatement;
      t.ok(rowsRead - organs.length <= most, `${rowsRead - organs.length} rows read, at most ${most}`);
    }
    stream.destroy();
    do await sleep(20);
    while ((await busySessions()) > 0);
    const left = statements;
    await sleep(50);
    t.equal(statements, left, 'nothing is read for a reader that left');
    if (held < rowsPerGroup) t.ok(left < statementsForAll / 2);
  });
