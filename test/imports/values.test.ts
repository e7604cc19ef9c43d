import t from 'tap';
import type { Measure, Unit } from '../../src/editions/edition.ts';
import { findMeasure } from '../../src/editions/figures.ts';
import { readValue } from '../../src/imports/values.ts';

const count = findMeasure('2019', 'penalties', 'decisions')!;
const change = findMeasure('2019', 'penalties', 'items_change')!;
const bare = findMeasure('2019', 'procurement', 'amount')!;
const fees = findMeasure('2021', 'fees', 'amount')!;

const readable: [string, Measure, number | null, Unit | null, boolean][] = [
  ['0', count, 0, '件', false],
  [' 0\u00a0', count, 0, '件', false],
  ['１２', count, 12, '件', false],
  ['11,398,889', count, 11_398_889, '件', true],
  ['0件', count, 0, '件', true],
  ['22（其中修订16件）', count, 22, '件', true],
  ['55(含自然失效29件)', count, 55, '件', true],
  ['', count, null, '件', false],
  ['\u3000', count, null, '件', false],
  ['/', count, null, '件', true],
  ['-', count, null, '件', true],
  ['——', count, null, '件', true],
  ['+2', change, 2, '项', false],
  ['-417', change, -417, '项', false],
  ['－417', change, -417, '项', false],
  ['-0', change, 0, '项', false],
  ['251000元', bare, 251_000, '元', true],
  ['79000.1元', bare, 79_000.1, '元', true],
  ['3.5 万元', bare, 3.5, '万元', true],
  ['8040', bare, 8040, null, false],
  ['59237.2449', fees, 59_237.2449, '万元', false],
  ['12.0', count, 12, '件', true],
  ['12份', count, 12, '件', true],
  ['–5', change, -5, '项', true],
  ['—5', change, -5, '项', true],
  ['0元', fees, 0, '万元', true],
  ['0.00', fees, 0, '万元', false],
];
t.test('printed values are read as what they say', async (t) => {
  for (const [raw, measure, value, unit, noted] of readable) {
    const read = readValue(raw, measure);
    t.equal(read.kind, 'value', raw);
    if (read.kind !== 'value') continue;
    t.ok(Object.is(read.value, value), `${raw}: ${read.value}`);
    t.equal(read.unit, unit, raw);
    t.equal(read.raw !== null, noted, `${raw} noted`);
  }
});

const unreadable: [string, Measure][] = [
  ['若干', count],
  ['无', count],
  ['00', count],
  ['007', count],
  ['1 2', count],
  ['1.5', count],
  ['1.000', count],
  ['–5', count],
  ['5万元', count],
  ['5元', fees],
  ['1e3', count],
  ['0x10', count],
  ['+2', count],
  ['-1', count],
  ['--1', change],
  ['1,00', count],
  ['12（3）', count],
  ['（3）', count],
  ['9007199254740992', count],
  ['9'.repeat(400), count],
  ['3元', count],
  ['251000元', fees],
  ['1.00001', fees],
  ['100000000000', fees],
  ['约3', count],
  ['²', count],
  ['12²', count],
  ['①', count],
];
t.test('anything else is unreadable and says why', async (t) => {
  for (const [raw, measure] of unreadable) {
    const read = readValue(raw, measure);
    t.equal(read.kind, 'unreadable', raw);
    if (read.kind === 'unreadable') t.ok(read.zh !== '' && read.en !== '');
  }
});
