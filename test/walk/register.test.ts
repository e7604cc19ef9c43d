import { sql } from 'kysely';
import t from 'tap';
import { v7 as uuid } from 'uuid';
import type { Db } from '../../src/db/database.ts';
import { foldRollups } from '../../src/rollups/maintenance.ts';
import { KeptRegister } from '../../src/walk/kept-register.ts';
import { none, type Register } from '../../src/walk/register.ts';
import { organ, received, report, store } from '../aggregates/stored-reports.ts';
import { createTestDatabase } from '../support/database.ts';

/** All organs, kept for as long as none changes. */

const { db } = await createTestDatabase(t);
const kept = new KeptRegister();
const registerNow = async (on: Db = db): Promise<Register> => (await kept.in(on)).register;

const suqian = organ({ name: '宿迁市人民政府', level: 'city', division_code: '321300' });
const bureau = organ({ name: '宿迁市教育局', kind: 'department', parent_id: suqian.id, level: 'city' });
const county = organ({
  name: '宿城区人民政府',
  division_code: '321302',
  parent_id: suqian.id,
  until2022: { division_code: '330106', parent_id: null },
});
await store(db, [suqian, bureau, county], []);

t.test('it knows what never depends on a report', async (t) => {
  const register = await registerNow();
  const numbers = [suqian, bureau, county].map(({ id }) => register.numberOf(id));
  t.strictSame(
    numbers.map((number) => register.idOf(number)),
    [suqian.id, bureau.id, county.id],
  );
  t.equal(register.size, 3);
  t.equal(register.numberOf(uuid()), none, 'nobody');
  const [city, department, district] = numbers as [number, number, number];
  const placeOf = (number: number, year: number) => register.places[register.placesIn(year)[number]!];
  t.strictSame(placeOf(department, 2023), {
    code: '321300',
    province: '320000',
    city: '321300',
    county: null,
  });
  t.equal(placeOf(district, 2023)!.county, '321302');
  t.equal(placeOf(district, 2022)!.county, '330106', 'as it was');
  t.strictSame(
    [2022, 2023].map((year) => register.parentsIn(year)[district]),
    [none, city],
  );
  t.strictSame(
    [2022, 2023].map((year) => register.parentsIn(year)[department]),
    [city, city],
  );
});

t.test('it is read anew where an organ changed, and only there', async (t) => {
  const set = (column: string, ...values: [string | null, string | null]) =>
    [
      column,
      (trx: Db, turn: number) =>
        sql`update organs set ${sql.id(column)} = ${values[turn]} where id = ${bureau.id}`.execute(trx),
    ] as const;
  const days = ['2020-12-31', '2021-12-31'];
  const changes: (readonly [what: string, change: (trx: Db, turn: number) => Promise<unknown>])[] = [
    set('name', '改名', '再改名'),
    set('parent_id', county.id, null),
    set('level', 'county', 'town'),
    set('kind', 'branch', 'department'),
    set('division_code', '321302', null),
    set('abolished_on', '2024-01-01', '2025-01-01'),
    [
      'history',
      (trx, turn) =>
        sql`insert into organ_history (organ_id, name, parent_id, valid_to) values (${bureau.id}, '旧名', null, ${days[turn]})`.execute(
          trx,
        ),
    ],
    [
      'no more history',
      (trx, turn) => sql`delete from organ_history where valid_to = ${days[turn]}`.execute(trx),
    ],
    ['another', (trx) => store(trx, [organ()], [])],
  ];
  for (const [what, change] of changes)
    for (const [turn, isFolded] of [false, true].entries()) {
      const before = await registerNow();
      t.equal(await registerNow(), before, 'the same');
      await db.transaction().execute((trx) => change(trx, turn));
      if (isFolded) await foldRollups(db, true);
      t.not(await registerNow(), before, what);
    }
  const before = await registerNow();
  await store(db, [], [report({ organ_id: suqian.id, ...received(1, 1) })]);
  t.equal(await registerNow(), before, 'a report is no organ');
  await foldRollups(db, true);
  t.equal(await registerNow(), before, 'nor when it is folded');
  await sql`truncate organs, reports, revisions cascade`.execute(db);
  t.equal((await registerNow()).size, 0);
});

t.test('what a transaction has changed it sees, and nobody after it if it is undone', async (t) => {
  const one = organ();
  await store(db, [one], []);
  const trx = await db.startTransaction().execute();
  await store(trx, [organ()], []);
  t.equal((await registerNow(trx)).size, 2);
  await trx.rollback().execute();
  t.equal((await registerNow()).size, 1);
});

t.test('who reads an older state is never given what others have read since', async (t) => {
  const one = organ({ division_code: '321302' });
  await store(db, [one], []);
  const older = await db.startTransaction().setIsolationLevel('repeatable read').execute();
  const countyIn = (register: Register) =>
    register.places[register.placesIn(2023)[register.numberOf(one.id)]!]!.county;
  t.equal(countyIn(await registerNow(older)), '321302');
  await sql`update organs set division_code = '330106' where id = ${one.id}`.execute(db);
  t.equal(countyIn(await registerNow()), '330106');
  t.equal(countyIn(await registerNow(older)), '321302');
  await foldRollups(db, true);
  t.equal(countyIn(await registerNow(older)), '321302');
  await older.rollback().execute();
  const known = await registerNow();
  t.equal(countyIn(known), '330106');
  t.equal(await registerNow(), known, 'nor do they lose it');
});
