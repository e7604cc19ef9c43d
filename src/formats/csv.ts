import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import { batches, type Format } from './format.ts';

const byteOrderMark = '\uFEFF';

/** A spreadsheet runs text that begins with one of these as a formula. An apostrophe before it keeps it text. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;
const asText = (text: string) => (formula.test(text) ? `'${text}` : text);

/** RFC 4180 with a header row, but lines end in LF. A blank is an empty cell; a number is never quoted or altered. */
export const csv: Format = {
  suffix: 'csv',
  media_type: 'text/csv; charset=utf-8',
  description:
    'CSV (RFC 4180, UTF-8, lines end in LF) with a header row. A blank is an empty cell. Text that a spreadsheet would run as a formula gets a leading apostrophe.',
  example: 'year,row,value\n2023,granted,258\n2023,partly_granted,\n',
  options: ['bom', 'labels'],
  stream(rows, columns, { bom = false, labels } = {}) {
    const write = (records: unknown[][]) => stringify(records, { cast: { string: asText, boolean: String } });
    async function* chunks() {
      yield (bom ? byteOrderMark : '') + write([columns.map((column) => labels?.column(column) ?? column)]);
      for await (const batch of batches(rows))
        yield write(
          batch.map((row) => columns.map((column) => (labels ? labels.cell(row, column) : row[column]))),
        );
    }
    return Readable.from(chunks());
  },
};
