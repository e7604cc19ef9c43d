import assert from 'node:assert/strict';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { Row } from '../../src/formats/format.ts';

/** Readers of each format, independent of what wrote it. */

/** Reads RFC 4180 back; an unquoted empty cell is a blank. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [[]];
  let at = 0;
  const cell = /(?:"((?:[^"]|"")*)"|([^,\n"]*))(,|\n)/y;
  while (at < text.length) {
    cell.lastIndex = at;
    const [whole = '', quoted, plain, end] = cell.exec(text) ?? [];
    if (whole === '') throw new Error(`not CSV: ${text.slice(at, at + 40)}`);
    records.at(-1)!.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    at += whole.length;
    if (end === '\n') records.push([]);
  }
  records.pop();
  return records;
}

/** A cell as CSV spells it. */
export const csvCell = (cell: Row[string] | undefined): string =>
  typeof cell === 'string' && /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : String(cell ?? '');

export const parseNdjson = (text: string): Row[] => {
  const lines = text.split('\n');
  assert.equal(lines.pop(), '', 'the last line ends');
  return lines.map((line) => JSON.parse(line));
};

/** The rows of a Parquet file, with counts as numbers, and the types of its columns. */
export async function readParquet(bytes: Uint8Array) {
  const file = new Uint8Array(bytes).buffer;
  const metadata = parquetMetadata(file);
  const objects = await parquetReadObjects({ file });
  return {
    rows: objects.map(
      (row): Row =>
        Object.fromEntries(
          Object.entries(row).map(([name, cell]) => [
            name,
            typeof cell === 'bigint' ? Number(cell) : (cell ?? null),
          ]),
        ),
    ),
    types: Object.fromEntries(
      metadata.schema
        .slice(1)
        .map(({ name, type, converted_type, repetition_type }) => [
          name,
          [type, converted_type, repetition_type].filter((each) => each !== undefined).join(' '),
        ]),
    ),
    groups: metadata.row_groups.map((group) => Number(group.num_rows)),
    encodings: metadata.row_groups.flatMap((group) =>
      group.columns.map(({ meta_data }) => [
        meta_data!.path_in_schema.join('.'),
        meta_data!.codec,
        meta_data!.encodings,
      ]),
    ),
  };
}
