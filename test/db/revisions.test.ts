import t from 'tap';
import { v7 as uuid } from 'uuid';
import { createTestDatabase } from '../support/database.ts';
import { insertRevision, instant, move, type Step, ways } from './rows.ts';

const { db } = await createTestDatabase(t);

const states = Object.keys(ways) as (keyof typeof ways)[];
const code = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: { code?: string }) => error.code ?? String(error),
  );

t.test('the figures of a revision change only while it is a draft', async (t) => {
  for (const state of states) {
    const { id } = await insertRevision(db, state);
    const expected = state === 'draft' ? undefined : 'GK001';
    const edition = '2021';
    const writes = {
      'a cell is added': db
        .insertInto('disclosure_items')
        .values({ revision_id: id, edition, item: 'licensing', measure: 'decisions', value: 1, unit: '件' }),
      'a cell is changed': db.updateTable('disclosure_items').set({ value: 4 }).where('revision_id', '=', id),
      'a cell is removed': db.deleteFrom('disclosure_items').where('revision_id', '=', id),
      'a row is added': db
        .insertInto('request_statistics')
        .values({ revision_id: id, edition, row: 'carried_in' }),
      'a row is changed': db
        .updateTable('request_statistics')
        .set({ total: 4 })
        .where('revision_id', '=', id),
      'a row is removed': db.deleteFrom('request_statistics').where('revision_id', '=', id),
      'a proceeding is added': db
        .insertInto('review_litigation_counts')
        .values({ revision_id: id, proceeding: 'litigation_direct' }),
      'a proceeding is changed': db
        .updateTable('review_litigation_counts')
        .set({ upheld: 1 })
        .where('revision_id', '=', id),
      'a proceeding is removed': db.deleteFrom('review_litigation_counts').where('revision_id', '=', id),
      'a note is added': db
        .insertInto('cell_notes')
        .values({ revision_id: id, position: 1, cell: 'request_statistics.granted.total', raw: '/' }),
      'a note is changed': db.updateTable('cell_notes').set({ raw: '/' }).where('revision_id', '=', id),
      'a note is removed': db.deleteFrom('cell_notes').where('revision_id', '=', id),
    };
    for (const [what, write] of Object.entries(writes))
      t.equal(await code(write.execute()), expected, `${state}: ${what}`);
  }
});

t.test('the text of a revision changes only while it is a draft', async (t) => {
  const texts = {
    title: '年度报告',
    published_on: '2024-01-31',
    source_url: 'https://example.org/',
    overview: '概述',
    problems: '问题',
    other_matters: '其他',
    reason: '更正',
    disclosure_edition: '2019',
    request_edition: '2019',
  };
  for (const state of states) {
    const { id } = await insertRevision(db, state);
    for (const [column, value] of Object.entries(texts))
      t.equal(
        await code(
          db
            .updateTable('revisions')
            .set({ [column]: value })
            .where('id', '=', id)
            .execute(),
        ),
        state === 'draft' ? undefined : 'GK001',
        `${state}: ${column}`,
      );
  }
});

t.test('a revision moves only along its life', async (t) => {
  const allowed: Record<string, Step[]> = {
    draft: ['submitted'],
    submitted: ['submitted', 'published'],
    published: ['published', 'superseded', 'withdrawn'],
    superseded: ['superseded'],
    withdrawn: ['withdrawn'],
  };
  for (const from of states)
    for (const to of Object.keys(ways).slice(1) as Step[]) {
      const { id } = await insertRevision(db, from);
      // Passed along so that nothing but the move itself can be refused.
      const dates = {
        submitted_at: instant,
        ...(ways[from].includes('published') ? {} : { effective_at: '2024-02-01T00:00:00Z' }),
      };
      const set = db.updateTable('revisions').set({ state: to, withdraw_reason: '数据有误', ...dates });
      const result = await code(set.where('id', '=', id).execute());
      t.equal(result, allowed[from]!.includes(to) ? undefined : 'GK002', `${from} → ${to}`);
    }
  for (const from of states) {
    const { id } = await insertRevision(db, from);
    const back = db.updateTable('revisions').set({ state: 'draft' }).where('id', '=', id);
    t.equal(
      await code(back.execute()),
      ['draft', 'submitted'].includes(from) ? undefined : 'GK002',
      `${from} → draft`,
    );
  }
});

t.test('a draft is published in one step only where it is submitted at that very moment', async (t) => {
  const { id } = await insertRevision(db, 'draft');
  const publish = (submitted_at: string | null) =>
    code(
      db
        .updateTable('revisions')
        .set({ state: 'published', submitted_at, effective_at: instant })
        .where('id', '=', id)
        .execute(),
    );
  t.equal(await publish(null), 'GK002', 'never submitted');
  t.equal(await publish('2020-01-01T00:00:00Z'), 'GK002', 'submitted once, and given back');
  t.equal(await publish(instant), undefined);
});

t.test('what is submitted, published or withdrawn says when and why', async (t) => {
  const { id } = await insertRevision(db, 'draft');
  const set = (values: object) =>
    code(db.updateTable('revisions').set(values).where('id', '=', id).execute());
  t.equal(await set({ state: 'submitted' }), '23514', 'no time of submission');
  await move(db, id, 'submitted');
  t.equal(await set({ state: 'published' }), '23514', 'no time of publication');
  await move(db, id, 'published');
  t.equal(await set({ state: 'withdrawn' }), '23514', 'no reason for the withdrawal');
  t.equal(await set({ effective_at: '2020-01-01T00:00:00Z' }), 'GK001', 'another time of publication');
  t.equal(await set({ effective_by: 'another' }), 'GK001', 'another publisher');
});

t.test('a report has one effective revision and one open one, and corrections give a reason', async (t) => {
  const { report_id } = await insertRevision(db, 'published');
  const revision = (number: number, values: object) =>
    db
      .insertInto('revisions')
      .values({
        id: uuid(),
        report_id,
        number,
        disclosure_edition: '2021',
        request_edition: '2021',
        ...values,
      })
      .execute()
      .then(
        () => undefined,
        (error: { constraint?: string }) => error.constraint ?? String(error),
      );
  t.equal(await revision(2, {}), 'revisions_check', 'without a reason');
  t.equal(await revision(2, { reason: '更正' }), undefined);
  t.equal(await revision(3, { reason: '再次更正' }), 'revisions_one_open');
  t.equal(await revision(2, { reason: '再次更正' }), 'revisions_number');
  const published = { state: 'published', reason: '更正', submitted_at: instant, effective_at: instant };
  t.equal(await revision(4, published), 'revisions_one_effective');
});

t.test('what was published is kept; what was not may go with its figures', async (t) => {
  for (const state of states) {
    const { id, report_id } = await insertRevision(db, state);
    const published = ways[state].includes('published');
    t.equal(
      await code(db.deleteFrom('reports').where('id', '=', report_id).execute()),
      published ? 'GK001' : undefined,
      state,
    );
    const left = await db
      .selectFrom('disclosure_items')
      .select('item')
      .where('revision_id', '=', id)
      .execute();
    t.equal(left.length, published ? 1 : 0);
  }
});
