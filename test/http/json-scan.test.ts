import fc from 'fast-check';
import t from 'tap';
import { glance, membersIn, scanJson } from '../../src/http/json-scan.ts';
import { anyText } from '../support/any-text.ts';

const faultsIn = (text: string) => scanJson(text).map(({ pointer, code }) => `${pointer} ${code}`);

t.test('JSON that a writer produced has nothing wrong', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => faultsIn(JSON.stringify(value)).length === 0),
  );
  t.pass();
});

t.test('a member given twice is found wherever it stands', async (t) => {
  t.same(faultsIn('{"a":1,"b":{"c":1,"c":2},"a":3}'), ['/b/c duplicate-member', '/a duplicate-member']);
  t.same(faultsIn('{"x":[{"y":1},{"y":1,"\\u0079":2}]}'), ['/x/1/y duplicate-member']);
  t.same(faultsIn('{"a":{"b":1},"b":{"a":1},"c":"a"}'), [], 'the same name elsewhere is another member');
  t.same(faultsIn('{"a":"\\"}","b":"{\\"b\\":1,\\"b\\":2}"}'), [], 'text is no structure');
});

t.test('a number that reading would change is found', async (t) => {
  for (const number of [
    '9007199254740993',
    '1.00000000000000001',
    '9007199254740990.6',
    '0.12345678901234567890',
    '1e-400',
    '-3E-324',
    '1e309',
  ])
    t.same(faultsIn(`{"n":[0,${number}]}`), ['/n/1 inexact-number'], number);
  for (const number of [
    '0.1',
    '9007199254740991',
    '1e21',
    '59237.2449',
    '-417',
    '100000000000000000000',
    '1.50',
    '0',
    '-0.0',
    '0e9',
    '-1.20E+3',
    '12e-1',
    '5e-324',
  ])
    t.same(faultsIn(`{"n":${number}}`), [], number);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => faultsIn(`[${n}]`).length === 0),
  );
});

t.test('a number as long as a body is looked at in no time', async (t) => {
  const zeros = '0'.repeat(500_000);
  const began = Date.now();
  for (const number of [`1${zeros}1`, `0.1${zeros}1`, `1${zeros}`, `0.${zeros}1`, `1.${zeros}1${zeros}e-9`])
    t.same(faultsIn(`[${number}]`), ['/0 inexact-number']);
  t.same(faultsIn(`[1.${zeros},0.${zeros},-0${zeros}e${zeros}]`), []);
  t.ok(Date.now() - began < 5_000);
});

t.test('nesting is bounded and what is no JSON ends', async (t) => {
  t.equal(glance('['.repeat(1_000_000)).depth, 1_000_000);
  t.equal(glance(`${'[{}]'.repeat(9)}${'['.repeat(32)}${']'.repeat(32)}`).depth, 32);
  fc.assert(
    fc.property(anyText(), (text) => scanJson(text).length >= 0 && glance(text).depth <= text.length),
  );
  t.same(faultsIn('"unfinished'), []);
});

t.test('a glance tells whether there is anything to look for', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value);
      return glance(text).members === membersIn(JSON.parse(text));
    }),
  );
  for (const text of ['{"a":1,"a":2}', '[{"b":{"c":":","c":{"d":1}}}]', '{"a":"\\"","\\u0061":[]}'])
    t.ok(glance(text).members > membersIn(JSON.parse(text)), text);
  for (const text of ['[1.00000000000000001]', '[1e-400]', '{"a":0,"b":-1E999}'])
    t.ok(glance(text).mayRound, text);
  t.notOk(glance('["1.00000000000000001",-417,0.25,true,false,null]').mayRound);
});
