import t from 'tap';
import { withYears } from '../../src/aggregates/years.ts';
import { yearInShanghai } from '../../src/http/calendar.ts';
import { createTestDatabase } from '../support/database.ts';
import { organ, report, store } from './stored-reports.ts';

/** What `last:3` means. */

const { db } = await createTestDatabase(t);
const thisYear = yearInShanghai();
const last = async (count: number) => (await withYears(db, { year: [`last:${count}`] })).year;

t.test('without any report the last year is that which ended last', async (t) => {
  t.strictSame(await last(3), [String(thisYear - 1)]);
});

t.test('a report that comes before its year has ended does not make it the last', async (t) => {
  const one = organ();
  const of = (year: number) => report({ organ_id: one.id, year });
  await store(db, [one], [thisYear + 1, thisYear, thisYear - 1, thisYear - 4].map(of));
  t.strictSame(await last(1), [String(thisYear - 1)]);
  t.strictSame(await last(2), [String(thisYear - 4), String(thisYear - 1)]);
  t.strictSame(await last(3), await last(2), 'there are no others');
});
