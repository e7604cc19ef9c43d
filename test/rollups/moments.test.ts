import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import t from 'tap';
import { everyone } from '../../src/access/principal.ts';
import type { Aggregate } from '../../src/aggregates/aggregate.ts';
import type { AnalystQuery } from '../../src/aggregates/answer.ts';
import { cellsOf } from '../../src/aggregates/cells.ts';
import type { Columns } from '../../src/aggregates/columns.ts';
import type { Given } from '../../src/aggregates/given.ts';
import { aggregates } from '../../src/aggregates/index.ts';
import { unseenCodes } from '../../src/aggregates/missing-codes.ts';
import { type AggregateQuery, type Summed, type Summing, sumReports } from '../../src/aggregates/queries.ts';
import { reportCounts } from '../../src/aggregates/report-counts.ts';
import { planOf } from '../../src/aggregates/rollup-plan.ts';
import { select } from '../../src/aggregates/selection.ts';
import type { Db } from '../../src/db/database.ts';
import { kindKeys, levelKeys } from '../../src/editions/vocabulary.ts';
import { Problem } from '../../src/http/problem.ts';
import { foldRollups, renewSegment } from '../../src/rollups/maintenance.ts';
import type { KeptSums } from '../../src/rollups/reader.ts';
import { verifyRollups } from '../../src/rollups/verification.ts';
import { sumByWalking } from '../../src/walk/summing.ts';
import { startService } from '../support/app.ts';
import { sumFromRows, unseenInRows } from '../support/from-rows.ts';
import { generateReport, numbers } from '../support/generated-reports.ts';
import { createOrgan } from '../support/reports.ts';

/** Writers of all kinds at work, and a reader that compares the rollups with the rows at a hundred moments. */

const service = await startService(t);
const { admin, app } = service;

const seed = Date.now() % 2 ** 31;
/** One of the values, another one each time it is asked for; the run's seed makes them all. */
function drawer(offset: number) {
  const below = numbers(seed + offset);
  return <T>(values: readonly T[]): T => values[below(values.length)]!;
}

const divisions = [
  '320000',
  '321300',
  '321302',
  '321322',
  '330000',
  '330100',
  '330106',
  '429004',
  '110101',
  null,
];
const years = [2019, 2020, 2021, 2022];
const scopes = ['own', 'consolidated'] as const;

const organs: string[] = [];
const draw = drawer(0);
for (let index = 0; index < 14; index++)
  organs.push(
    await createOrgan(service, {
      kind: draw(kindKeys),
      level: draw(levelKeys),
      division_code: draw(divisions),
      ...(index > 0 && draw([true, true, true, false]) && { parent_id: draw(organs) }),
      ...(draw([true, false, false]) && { valid_from: draw(['2019-01-01', '2020-12-31', '2021-01-01']) }),
    }),
  );

/** A report with some rows not captured, some blanks, and now and then the other edition's request table. */
function reportOf(pick: ReturnType<typeof drawer>) {
  const document = generateReport(pick(organs), pick(years), pick([1, 2, 3, 4, 5, 6, 7, 8, 9]));
  const keep = pick([0, 0, 1, 2]);
  return {
    ...document,
    scope: pick(scopes),
    request_statistics: document
      .request_statistics!.filter((_, index) => keep === 0 || index % 3 !== keep)
      .map((row) => (pick([true, false, false]) ? { ...row, total: null, research: null } : row)),
    disclosure_items: document.disclosure_items!.filter((_, index) => keep !== 2 || index % 2 === 0),
    review_litigation_counts: keep === 1 ? [] : document.review_litigation_counts!,
  };
}

const known = new Set<string>();
const load = async (pick: ReturnType<typeof drawer>) => {
  const lines = Array.from({ length: pick([1, 1, 3, 8]) }, () => JSON.stringify(reportOf(pick))).join('\n');
  const answer = await admin('POST', '/v1/reports/batch?publish=true&reason=new', {
    body: lines,
    headers: { 'content-type': 'application/x-ndjson' },
  });
  for (const line of answer.text.trim().split('\n')) {
    const { report_id, problem } = JSON.parse(line);
    assert.ok(report_id && !problem, line);
    known.add(report_id);
  }
};
const withdraw = async (pick: ReturnType<typeof drawer>) => {
  if (known.size === 0) return;
  const answer = await admin('POST', `/v1/reports/${pick([...known])}/withdraw`, {
    body: { reason: 'wrong' },
    headers: { 'if-match': '*' },
  });
  assert.ok([200, 409].includes(answer.status), answer.text);
};
const change = async (pick: ReturnType<typeof drawer>) => {
  const body = pick<Record<string, unknown>>([
    { parent_id: pick(organs) },
    { parent_id: pick(organs), valid_from: pick(['2020-03-01', '2021-06-30', '2022-01-01']) },
    { parent_id: null },
    { division_code: pick(divisions) },
    { division_code: pick(divisions), valid_from: pick(['2020-03-01', '2021-06-30', '2022-01-01']) },
    { level: pick(levelKeys) },
    { kind: pick(kindKeys) },
    { valid_from: pick(['2020-03-01', '2021-06-30', '2022-01-01']) },
    { abolished_on: pick(['2020-12-31', '2021-01-01', null]) },
    { name: pick(['改名', '再改名', '三改名']) },
  ]);
  const answer = await admin('PATCH', `/v1/organs/${pick(organs)}`, { body });
  assert.ok([200, 400, 409].includes(answer.status), answer.text);
};

const ofOrgan = ['province', 'city', 'county', 'level', 'kind'];
function queryOf(aggregate: Aggregate, pick: ReturnType<typeof drawer>): AggregateQuery {
  const own = Object.keys(aggregate.keys);
  const maybe = <T>(values: readonly T[]) => (pick([true, false, false]) ? [pick(values)] : undefined);
  const query = {
    group_by: [
      pick(['year', ...own]),
      pick([...ofOrgan, 'organ', 'organ']),
      pick(['edition', ...own, ...ofOrgan]),
    ].slice(0, pick([1, 2, 3])),
    basis: pick(['auto', 'auto', 'own', 'consolidated'] as const),
    year: pick([undefined, undefined, ['2021'], ['2019..2021']]),
    scope: maybe(scopes),
    division: pick([undefined, undefined, ['32'], ['321300'], ['321302'], ['32', '33'], ['3213', '330100']]),
    level: maybe(levelKeys),
    kind: pick([undefined, undefined, kindKeys.slice(0, 3)]),
    ...Object.fromEntries(own.map((key) => [key, maybe(aggregate.keys[key]!.values)])),
  };
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined),
  ) as unknown as AggregateQuery;
}

/** Filters that only reports answer, since nobody has added up what they choose. */
const drawReported = (pick: ReturnType<typeof drawer>): Partial<AggregateQuery> =>
  pick<Partial<AggregateQuery>>([
    { under: [pick(organs)] },
    { under: [pick(organs), pick(organs)] },
    { organ_id: organs.slice(0, pick([1, 3, 9])) },
    { q: pick(['改', '机关', '1']) },
    { published_since: pick(['1990-01-01', '2021-06-30', '2022-01-20']) },
    { published_since: pick(['1990-01-01', '2021-01-20', '2022-01-01']) },
    { division: ['3213', '330106'] },
    { division: ['32', '330106', '3213'] },
  ]);

/** Some cells of a table, of which a report must have one for others to count. */
function drawGiven(pick: ReturnType<typeof drawer>): Given {
  const of = pick(aggregates);
  return { of, figures: [pick(of.figures), pick(of.figures)] };
}

const cellsIn = ({ aggregate, selection }: Summing, rows: Columns) =>
  cellsOf(aggregate, selection, rows)
    .map((cell) => JSON.stringify(cell))
    .sort();

const comparable = (of: Summing, { rows, as_of: _, unseen: __, ...rest }: Summed) => ({
  ...rest,
  cells: cellsIn(of, rows),
});

/** Queries by what answers them, sums kept or walks over reports. */
const compared = { kept: 0, byOrgan: 0, byPlace: 0, byReport: 0 };

/** A query that can be asked. */
function drawSelection(pick: ReturnType<typeof drawer>, isReported: boolean) {
  for (;;) {
    const aggregate = pick(aggregates);
    const query = { ...queryOf(aggregate, pick), ...(isReported && drawReported(pick)) };
    try {
      return { aggregate, query, selection: select(aggregate, query) };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }
}

/** Compares both ways of some queries in one state of the database. */
async function compareNow(db: Db, pick: ReturnType<typeof drawer>): Promise<void> {
  const present = await app.rollups.sums();
  await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const sums = await present.within(trx);
      // Each third one has filters that only reports answer.
      for (const isReported of [true, false, false]) {
        const { aggregate, query, selection: chosen } = drawSelection(pick, isReported);
        const given = pick([true, false, false]) && { given: [drawGiven(pick), drawGiven(pick)] };
        const selection = { ...chosen, ...given };
        const isKept = planOf(query, selection) !== undefined;
        const known = pick([sums, sums, undefined]);
        const whole = { aggregate, selection };
        const besides = { sums: known };
        const kept = isKept
          ? await sumReports(trx, aggregate, query, selection, 10_000, besides)
          : await sumByWalking(trx, whole, query, 10_000, besides, pick([0, 0, 3, 1_000]));
        const asked = `${aggregate.path} ${JSON.stringify(query)}, seed ${seed}`;
        const alone = (of: Summing) => sumFromRows(trx, of.aggregate, query, of.selection, 10_000);
        assert.deepEqual(comparable(whole, kept), comparable(whole, await alone(whole)), asked);
        const unseen = kept.unseen ?? (await unseenCodes(trx, query, selection.groupBy, known));
        const ofCodes = unseen.filter(({ filter }) => !['organ_id', 'under'].includes(filter));
        const { groupBy } = selection;
        assert.deepEqual(ofCodes, await unseenInRows(trx, query, groupBy), `unseen ${asked}`);
        if (isKept) {
          compared.kept++;
          continue;
        }
        if (Object.keys(query).some((key) => ['under', 'organ_id', 'q', 'published_since'].includes(key)))
          compared.byReport++;
        else compared[groupBy.includes('organ') ? 'byOrgan' : 'byPlace']++;
      }
      const group_by = [
        pick(['year', 'scope', 'disclosure_edition']),
        pick(['province', 'city', 'request_edition']),
        pick(ofOrgan),
      ].slice(0, pick([0, 1, 2, 3]));
      const filter = pick<AnalystQuery>([
        {},
        { year: ['2021'] },
        { division: ['3213'] },
        { division: ['3213', '330106'] },
        { scope: ['own'] },
        { q: '改' },
        { published_since: '2021-01-20' },
      ]);
      const query = { group_by: pick([group_by, [...group_by, 'published_month']]), ...filter };
      const count = (asked: AnalystQuery) => reportCounts.answer(trx, asked, everyone);
      // Where other states are asked for as well, only reports themselves are looked at; nobody may see drafts here.
      const { data } = await count({
        ...query,
        group_by: [...query.group_by, 'state'],
        state: ['published', 'draft'],
      });
      const counted = data.map(({ state: _, ...row }) => row);
      const wanted = query.group_by.length === 0 && counted.length === 0 ? [{ value: 0 }] : counted;
      assert.deepEqual((await count(query)).data, wanted, `counts ${JSON.stringify(query)}, seed ${seed}`);
    });
}

/** Milliseconds: so that most of the time is spent on comparing, with several writes from one moment to the next. */
const pauseOfWriters = 250;

t.test('at every moment the rollups give what the rows give, whatever is written', async (t) => {
  let isOver = false;
  const writer = async (offset: number) => {
    const pick = drawer(offset);
    const work = [load, load, load, withdraw, change];
    for (; !isOver; await sleep(pauseOfWriters)) await pick(work)(pick);
  };
  const writers = [1, 2, 3, 4].map(writer);
  const pick = drawer(100);
  for (let moment = 0; moment < 100; moment++) {
    await compareNow(app.db, pick);
    if (pick([true, false, false])) await foldRollups(app.db);
    if (pick([true, false, false])) await renewSegment(app.db);
    if (moment % 50 === 25) t.strictSame((await verifyRollups(app.db)).differences, [], 'nothing differs');
  }
  isOver = true;
  await Promise.all(writers);
  const { kept, byOrgan, byPlace, byReport } = compared;
  t.ok(kept > 20 && byOrgan > 10 && byPlace > 20 && byReport > 50, JSON.stringify(compared));
  t.strictSame((await verifyRollups(app.db)).differences, [], 'nothing differs when all is written');
  await foldRollups(app.db, true);
  const { compared: sums, differences } = await verifyRollups(app.db);
  t.strictSame(differences, [], 'nor when all is folded');
  t.ok(sums > 1_000, `${sums} sums and counts were compared`);
  while (await renewSegment(app.db));
  t.strictSame((await verifyRollups(app.db)).differences, [], 'nor when all segments are new');
});

t.test('sums are of the state that they are asked in, whatever is written meanwhile', async (t) => {
  const pick = drawer(300);
  const nothing = (): KeptSums['byQuestion'] => new LRUCache({ max: 100 });
  let differing = 0;
  for (let round = 0; round < 15; round++) {
    const drawn: ReturnType<typeof drawSelection>[] = [];
    while (drawn.length < 8) {
      const next = drawSelection(pick, false);
      if (planOf(next.query, next.selection)) drawn.push(next);
    }
    const ask = (sums: KeptSums) =>
      Promise.all(
        drawn.map(async ({ aggregate, query, selection }) => {
          const summed = await sumReports(app.db, aggregate, query, selection, 10_000, { sums });
          return { asked: [aggregate.path, query], ...comparable({ aggregate, selection }, summed) };
        }),
      );
    const earlier = await app.rollups.sums();
    const kept = nothing();
    const then = await ask({ ...earlier, byQuestion: kept });
    for (let write = 0; write < 4; write++) {
      await pick([load, load, load, withdraw, change])(pick);
      if (pick([true, false, false])) await foldRollups(app.db);
    }
    const later = await app.rollups.sums();
    t.strictSame(await ask({ ...earlier, byQuestion: nothing() }), then, 'read from cells of a later state');
    const keptLater = nothing();
    const now = await ask({ ...later, byQuestion: keptLater });
    t.strictSame(await ask({ ...later, byQuestion: kept }), now, 'brought forward');
    t.strictSame(await ask({ ...earlier, byQuestion: keptLater }), then, 'taken back');
    differing += now.filter((each, place) => !isDeepStrictEqual(each, then[place])).length;
  }
  t.ok(differing > 20, `${differing} sums changed`);
});

t.test('after every write an answer that was kept is still right, or another is given', async (t) => {
  const forgetful = await startService(t, { db: app.db, keptMegabytes: 0 });
  const pick = drawer(200);
  const asked: { path: string; as_of?: string }[] = [];
  while (asked.length < 15) {
    const aggregate = pick(aggregates);
    const { year, ...query } = {
      ...queryOf(aggregate, pick),
      ...(pick([true, false]) && drawReported(pick)),
    };
    const { group_by, division } = query;
    const years = pick([year, year, ['last:1'], ['last:2']]);
    const change = group_by!.includes('year') && pick([true, false]) && { compute: ['change'] };
    const of = pick<[string, object]>([
      [`aggregates/${aggregate.path}`, query],
      [`aggregates/${aggregate.path}`, query],
      ['indicators/disclosure_rate', { group_by: [pick(ofOrgan)], ...(division && { division }) }],
    ]);
    const entries = Object.entries({ ...of[1], ...(years && { year: years }), ...change });
    const words = new URLSearchParams(entries.map(([key, value]): [string, string] => [key, String(value)]));
    const path = `/v1/${of[0]}?${words}`;
    if ((await service.request('GET', path)).status === 200) asked.push({ path });
  }
  let again = 0;
  let anew = 0;
  for (let round = 0; round < 24; round++) {
    // Now and then nothing is written.
    if (round % 6 > 0) await pick([load, load, load, withdraw, change])(pick);
    if (pick([true, false, false])) await foldRollups(app.db);
    for (const each of asked) {
      const [given, made] = await Promise.all([
        service.request('GET', each.path),
        forgetful.request('GET', each.path),
      ]);
      const { data_as_of, ...answer } = given.body;
      const { data_as_of: _, ...expected } = made.body;
      assert.deepEqual(answer, expected, `${each.path}, seed ${seed}`);
      if (data_as_of === each.as_of) again++;
      else anew++;
      each.as_of = data_as_of;
    }
  }
  t.ok(again > 0 && anew > 0, `${again} answers were given again, ${anew} were made`);
});
