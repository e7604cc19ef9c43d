import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { csv } from '../../src/formats/csv.ts';
import { type Row, rowsPerChunk } from '../../src/formats/format.ts';
import { formats } from '../../src/formats/index.ts';
import { ndjson } from '../../src/formats/ndjson.ts';
import { parquet, rowsPerGroup } from '../../src/formats/parquet.ts';
import { csvCell, parseCsv, readParquet } from './readers.ts';

async function* from(rows: Row[]): AsyncGenerator<Row> {
  yield* rows;
}
const written = async (format: (typeof formats)[number], rows: Row[], columns: string[], bom = false) => {
  let text = '';
  for await (const chunk of format.stream(from(rows), columns, { bom })) text += chunk;
  return text;
};

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
  for (const begin of ['=', '+', '-', '@', '\t', '\r', '\n']) {
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
        const [header, ...records] = parseCsv(await written(csv, rows, ['a', 'b']));
        assert.deepEqual(header, ['a', 'b']);
        assert.deepEqual(
          records,
          rows.map((row) => [csvCell(row.a), csvCell(row.b)]),
        );
      },
    ),
    { numRuns: 40 },
  );
});

/** Every format with the rows it holds at a time. */
const held = [
  ...formats.map((format) => ({ format, rows: rowsPerChunk })),
  {
    format: parquet({
      number: { type: 'count', nullable: false },
      text: { type: 'text', nullable: true },
    }),
    rows: rowsPerGroup,
  },
];

for (const { format, rows } of held)
  t.test(
    `${format.suffix} never takes more than ${rows} rows ahead of the two chunks it holds, however long`,
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
      const chunks = stream[Symbol.asyncIterator]();
      const ahead: number[] = [];
      for (let read = 1; read <= 12; read++) {
        await chunks.next();
        // The reader does nothing: whatever would be read ahead is, now.
        for (let i = 0; i < 50; i++) await turn();
        ahead.push(given - read * rows);
      }
      t.ok(Math.max(...ahead) <= 3 * rows, `${ahead}`);
      t.equal(ahead.at(-1), ahead[2], 'no more ahead later than sooner');
      stream.destroy();
      for (let i = 0; i < 50; i++) await turn();
      t.ok(ended, 'the source goes with the reader');
    },
  );

for (const { format } of held)
  t.test(`${format.suffix} passes a failure of the source on`, async (t) => {
    async function* failing(): AsyncGenerator<Row> {
      yield { number: 1, text: null };
      throw new Error('lost');
    }
    await t.rejects(async () => {
      for await (const _ of format.stream(failing(), ['number', 'text']));
    }, /lost/);
  });

const anyRow = fc.record(
  {
    text: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('宿迁市', '=1+1', ''), fc.constant(null)),
    key: fc.constantFrom('granted', 'other'),
    year: fc.integer({ min: 2019, max: 2100 }),
    count: fc.oneof(fc.maxSafeNat(), fc.constant(0), fc.constant(null)),
    value: fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      fc.constant(null),
    ),
  },
  { noNullPrototype: true },
);
const typed = parquet({
  text: { type: 'text', nullable: true },
  key: { type: 'text', nullable: false },
  year: { type: 'integer', nullable: false },
  count: { type: 'count', nullable: true },
  value: { type: 'decimal', nullable: true },
});
const inParquet = async (rows: AsyncIterable<Row>) =>
  readParquet(
    Buffer.concat(await Array.fromAsync(typed.stream(rows, ['text', 'key', 'year', 'count', 'value']))),
  );

t.test('any text, count and number can be read back from Parquet, typed', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRow, { maxLength: 300 }), async (rows) => {
      const file = await inParquet(from(rows));
      assert.deepEqual(file.rows, rows);
    }),
    { numRuns: 60 },
  );
  const { types } = await inParquet(from([]));
  t.strictSame(types, {
    text: 'BYTE_ARRAY UTF8 OPTIONAL',
    key: 'BYTE_ARRAY UTF8 REQUIRED',
    year: 'INT32 REQUIRED',
    count: 'INT64 OPTIONAL',
    value: 'DOUBLE OPTIONAL',
  });
});

t.test('Parquet is compressed row groups of bounded size, with dictionaries where keys repeat', async (t) => {
  async function* many(): AsyncGenerator<Row> {
    for (let i = 0; i < 2.5 * rowsPerGroup; i++)
      yield {
        text: `第${i}行`,
        key: i % 2 ? 'granted' : 'other',
        year: 2023,
        count: i % 3 ? i : null,
        value: i / 4,
      };
  }
  const file = await inParquet(many());
  t.strictSame(file.groups, [rowsPerGroup, rowsPerGroup, rowsPerGroup / 2]);
  t.strictSame(file.rows, await Array.fromAsync(many()));
  for (const [name, codec, encodings] of file.encodings) {
    t.equal(codec, 'SNAPPY');
    if (name === 'key') t.match(encodings, ['PLAIN', 'RLE_DICTIONARY']);
  }
});
