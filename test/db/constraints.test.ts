import t from 'tap';
import { allowedUnits, findMeasure } from '../../src/editions/figures.ts';
import { editions } from '../../src/editions/index.ts';
import {
  applicantKeys,
  itemKeys,
  measureKeys,
  outcomeKeys,
  proceedingKeys,
  rowKeys,
} from '../../src/editions/vocabulary.ts';
import { createTestDatabase } from '../support/database.ts';
import { insertDraft } from './rows.ts';

const { db } = await createTestDatabase(t);
const { id: revision_id } = await insertDraft(db);

/** The name of the constraint, or the SQLSTATE, that refuses what `insert` does; undefined when it is stored. */
const refusal = (insert: { execute: () => Promise<unknown> }): Promise<string | undefined> =>
  insert.execute().then(
    () => undefined,
    (error: { constraint?: string; code?: string }) => error.constraint ?? error.code ?? String(error),
  );

const largest = Number.MAX_SAFE_INTEGER;
const units = ['件', '项', '元', '万元', null] as const;
const strangers = ['', 'unknown', 'Granted', 'total'];

const item = (values: {
  edition: string;
  item: string;
  measure: string;
  value: number | string | null;
  unit: string | null;
}) => db.insertInto('disclosure_items').values({ revision_id, ...values });
const clear = async () => {
  await db.deleteFrom('disclosure_items').execute();
  await db.deleteFrom('request_statistics').execute();
  await db.deleteFrom('review_litigation_counts').execute();
};

t.test('section two takes the cells and units of each edition and no others', async (t) => {
  for (const { edition } of editions) {
    await clear();
    const wrong: string[] = [];
    let taken = 0;
    for (const key of [...itemKeys, ...strangers])
      for (const measure of [...measureKeys, ...strangers]) {
        const onForm = findMeasure(edition, key, measure);
        for (const unit of units) {
          const expected = onForm !== undefined && allowedUnits(onForm).includes(unit);
          const refused = await refusal(item({ edition, item: key, measure, value: 1, unit }));
          if ((refused === undefined) !== expected) wrong.push(`${key}.${measure} in ${unit}: ${refused}`);
          if (refused === undefined) {
            taken += 1;
            await db.deleteFrom('disclosure_items').execute();
          } else if (refused !== 'disclosure_items_on_form') wrong.push(`${key}.${measure}: ${refused}`);
        }
      }
    t.same(wrong, [], edition);
    t.ok(taken >= (edition === '2019' ? 22 : 10), `${taken} of ${edition}`);
  }
  t.equal(
    await refusal(item({ edition: '2018', item: 'regulations', measure: 'issued', value: 1, unit: '件' })),
    'disclosure_items_on_form',
  );
});

t.test(
  'section two keeps blanks, counts up to 2^53 - 1 and money with four decimals, and refuses the rest',
  async (t) => {
    const cases = {
      integer: { edition: '2021', item: 'licensing', measure: 'decisions', unit: '件' },
      signed: { edition: '2019', item: 'licensing', measure: 'items_change', unit: '项' },
      money: { edition: '2021', item: 'fees', measure: 'amount', unit: '万元' },
    };
    const values: [keyof typeof cases, number | string | null, boolean][] = [
      ['integer', null, true],
      ['integer', 0, true],
      ['integer', largest, true],
      ['integer', -1, false],
      ['integer', 0.5, false],
      ['integer', String(BigInt(largest) + 1n), false],
      ['integer', 'NaN', false],
      ['integer', 'Infinity', false],
      ['signed', null, true],
      ['signed', -417, true],
      ['signed', largest, true],
      ['signed', -largest, true],
      ['signed', -0.5, false],
      ['signed', String(-BigInt(largest) - 1n), false],
      ['signed', 'NaN', false],
      ['money', null, true],
      ['money', 0, true],
      ['money', 59_237.2449, true],
      ['money', 99_999_999_999.9999, true],
      ['money', 100_000_000_000, false],
      ['money', -0.0001, false],
      ['money', 'NaN', false],
    ];
    for (const [kind, value, expected] of values) {
      await clear();
      const refused = await refusal(item({ ...cases[kind], value }));
      t.equal(refused === undefined, expected, `${kind} ${value} ${refused ?? 'is stored'}`);
      const stored = await db.selectFrom('disclosure_items').select('value').execute();
      t.strictSame(stored, expected ? [{ value }] : [], 'as it was sent');
    }
  },
);

t.test('a captured blank, a zero and a cell that was not captured stay apart', async (t) => {
  await clear();
  await item({ edition: '2021', item: 'licensing', measure: 'decisions', value: null, unit: '件' }).execute();
  await item({ edition: '2021', item: 'penalties', measure: 'decisions', value: 0, unit: '件' }).execute();
  const stored = await db.selectFrom('disclosure_items').select(['item', 'value']).orderBy('item').execute();
  t.strictSame(stored, [
    { item: 'licensing', value: null },
    { item: 'penalties', value: 0 },
  ]);
});

t.test('section three takes the rows of each edition and no others', async (t) => {
  for (const { edition, request_statistics } of editions) {
    await clear();
    const taken: string[] = [];
    for (const row of [...rowKeys, ...strangers]) {
      const refused = await refusal(
        db.insertInto('request_statistics').values({ revision_id, edition, row }),
      );
      if (refused === undefined) taken.push(row);
      else t.equal(refused, 'request_statistics_on_form', row);
    }
    t.same(taken.sort(), request_statistics.map(({ row }) => row).sort(), edition);
  }
});

t.test('section four takes its three proceedings and no others', async (t) => {
  await clear();
  const taken: string[] = [];
  for (const proceeding of [...proceedingKeys, 'litigation', ''])
    if (!(await refusal(db.insertInto('review_litigation_counts').values({ revision_id, proceeding }))))
      taken.push(proceeding);
  t.same(taken, proceedingKeys);
});

const bounds: [number | string | null, boolean][] = [
  [null, true],
  [0, true],
  [largest, true],
  [-1, false],
  [String(BigInt(largest) + 1n), false],
  ['9223372036854775808', false],
  ['0.5', false],
];

t.test(
  'every column of sections three and four keeps blanks and counts, and refuses what is no count',
  async (t) => {
    for (const [value, expected] of bounds) {
      for (const column of applicantKeys) {
        await clear();
        const insert = db
          .insertInto('request_statistics')
          .values({ revision_id, edition: '2021', row: 'granted', [column]: value });
        t.equal((await refusal(insert)) === undefined, expected, `${column} ${value}`);
        const stored = await db.selectFrom('request_statistics').select(column).execute();
        t.strictSame(stored, expected ? [{ [column]: value }] : []);
      }
      for (const column of outcomeKeys) {
        await clear();
        const insert = db
          .insertInto('review_litigation_counts')
          .values({ revision_id, proceeding: 'review', [column]: value });
        t.equal((await refusal(insert)) === undefined, expected, `${column} ${value}`);
        const stored = await db.selectFrom('review_litigation_counts').select(column).execute();
        t.strictSame(stored, expected ? [{ [column]: value }] : []);
      }
    }
  },
);

t.test('the same cell is not stored twice', async (t) => {
  await clear();
  const cell = { edition: '2021', item: 'licensing', measure: 'decisions', unit: '件' };
  await item({ ...cell, value: 1 }).execute();
  t.equal(await refusal(item({ ...cell, value: 2 })), 'disclosure_items_pkey');
});
