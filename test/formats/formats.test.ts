import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { csv } from '../../src/formats/csv.ts';
import type { Row } from '../../src/formats/format.ts';
import { formats } from '../../src/formats/index.ts';
import { ndjson } from '../../src/formats/ndjson.ts';

async function* from(rows: Row[]): AsyncGenerator<Row> {
  yield* rows;
}
const written = async (format: (typeof formats)[number], rows: Row[], columns: string[], bom = false) => {
  let text = '';
  for await (const chunk of format.stream(from(rows), columns, { bom })) text += chunk;
  return text;
};

/** Reads RFC 4180 back, independently of the library that wrote it; an unquoted empty cell is a blank. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [[]];
  let rest = text;
  while (rest !== '') {
    const [cell = '', quoted, plain, end] = /^(?:"((?:[^"]|"")*)"|([^,\n"]*))(,|\n)/.exec(rest) ?? [];
    if (cell === '') throw new Error(`not CSV: ${rest.slice(0, 40)}`);
    records.at(-1)!.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    rest = rest.slice(cell.length);
    if (end === '\n') records.push([]);
  }
  records.pop();
  return records;
}

t.test('CSV has a header row, empty cells for blanks and zeros for zeros', async (t) => {
  const rows = [
    { row: 'granted', value: 0 },
    { row: 'other', value: null },
  ];
  t.equal(await written(csv, rows, ['row', 'value']), 'row,value\ngranted,0\nother,\n');
  t.equal(await written(csv, [], ['row', 'value']), 'row,value\n', 'also without rows');
});

t.test('CSV begins with a byte order mark only when asked', async (t) => {
  t.equal(await written(csv, [{ a: '中' }], ['a'], true), '\uFEFFa\n中\n');
  t.equal(await written(csv, [{ a: '中' }], ['a']), 'a\n中\n');
});

t.test('text that a spreadsheet would run gets an apostrophe, a negative number does not', async (t) => {
  for (const begin of ['=', '+', '-', '@', '\t', '\r']) {
    const [, [cell] = []] = parseCsv(await written(csv, [{ a: `${begin}1+1` }], ['a']));
    t.equal(cell, `'${begin}1+1`, JSON.stringify(begin));
  }
  t.equal(await written(csv, [{ a: -417, b: 59237.2449 }], ['a', 'b']), 'a,b\n-417,59237.2449\n');
});

t.test('any text and number can be read back from CSV and NDJSON', async () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.constantFrom('a,b', '"', 'line\nline', 'x\r\ny', ' '),
    fc.maxSafeInteger(),
    fc.constant(null),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ a: value, b: value }, { noNullPrototype: true }), { maxLength: 450 }),
      async (rows) => {
        const lines = (await written(ndjson, rows, ['a', 'b'])).split('\n').slice(0, -1);
        assert.deepEqual(
          lines.map((line) => JSON.parse(line)),
          rows,
        );
        const plain = (cell: Row[string]) =>
          typeof cell === 'string' && /^[=+\-@\t\r＝＋－＠]/.test(cell) ? `'${cell}` : String(cell ?? '');
        const [header, ...records] = parseCsv(await written(csv, rows, ['a', 'b']));
        assert.deepEqual(header, ['a', 'b']);
        assert.deepEqual(
          records,
          rows.map((row) => [plain(row.a), plain(row.b)]),
        );
      },
    ),
    { numRuns: 40 },
  );
});

for (const format of formats)
  t.test(
    `${format.suffix} takes rows only as they are read, and lets the source go when the reader leaves`,
    async (t) => {
      let given = 0;
      let ended = false;
      async function* endless(): AsyncGenerator<Row> {
        try {
          for (;;) yield { number: given++, text: 'x'.repeat(100) };
        } finally {
          ended = true;
        }
      }
      const stream = format.stream(endless(), ['number', 'text']);
      for (let i = 0; i < 5; i++)
        await new Promise((resolve) => stream.once('readable', () => resolve(stream.read())));
      for (let i = 0; i < 50; i++) await turn();
      t.ok(given < 20_000, `${given} rows taken`);
      stream.destroy();
      for (let i = 0; i < 50; i++) await turn();
      t.ok(ended);
    },
  );

for (const format of formats)
  t.test(`${format.suffix} passes a failure of the source on`, async (t) => {
    async function* failing(): AsyncGenerator<Row> {
      yield { a: 1 };
      throw new Error('lost');
    }
    await t.rejects(async () => {
      for await (const _ of format.stream(failing(), ['a']));
    }, /lost/);
  });
