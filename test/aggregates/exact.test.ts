import t from 'tap';
import { difference, exactNumber } from '../../src/aggregates/exact.ts';

const most = Number.MAX_SAFE_INTEGER;

t.test('what no JSON number holds exactly is refused with what can be done about it', async (t) => {
  t.equal(exactNumber('0.5000'), 0.5);
  t.equal(exactNumber(String(most)), most);
  const sum = '9007199254740993';
  const isToo = (what: string, advice: RegExp) => ({
    code: 'not-additive',
    message: new RegExp(`^${what} is ${sum}, more than a JSON number holds exactly[.] ${advice.source}`),
  });
  t.throws(() => exactNumber(sum), isToo('The sum', /Ask for smaller groups; group_by=organ/));
  t.throws(
    () => exactNumber(sum, ['year', 'organ'], { year: 2023, organ: 'a' }),
    isToo('The sum of year=2023 and organ=a', /Leave it out by filters/),
  );
});

t.test('a change that is too large is no sum', async (t) => {
  t.equal(difference(0.3, 0.1), 0.2);
  t.throws(() => difference(most, -most), {
    code: 'not-additive',
    message:
      /^A change, of -9007199254740991 to 9007199254740991, is 18014398509481982, .* Leave out compute=change/,
  });
});
