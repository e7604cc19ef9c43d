import type { Row } from '../formats/format.ts';
import { bytesOf } from '../http/passing-bytes.ts';

/**
 * Makes the JSON of answers. Rows that several answers consist of are written once, and the answers copy their bytes.
 */

/** The JSON of rows, a comma after each. The row at `place` ends before `ends[place]`; then there may be room. */
interface Written {
  bytes: Buffer;
  ends: Uint32Array;
}

const written = new WeakMap<readonly Row[], Written>();

/** Rows that an answer consisted of. Their JSON is kept as soon as a second one does. */
const answered = new WeakSet<readonly Row[]>();

/** The rows that some were chosen from, and their places among these. */
const choices = new WeakMap<readonly Row[], { from: readonly Row[]; places: readonly number[] }>();

/** Up to this many rows are written as quickly as they are copied. */
const few = 50;

/** How many bytes rows may grow by before all of them are written anew. */
const room = 256;

/** The rows at these places. */
export function chooseRows(from: readonly Row[], places: readonly number[]): readonly Row[] {
  if (places.length === from.length && places.every((place, index) => place === index)) return from;
  const rows = places.map((place) => from[place]!);
  choices.set(rows, { from, places });
  return rows;
}

function write(rows: readonly Row[]): Written {
  const ends = new Uint32Array(rows.length);
  let [text, end] = ['', 0];
  for (let place = 0; place < rows.length; place++) {
    const json = `${JSON.stringify(rows[place])},`;
    text += json;
    end += Buffer.byteLength(json);
    ends[place] = end;
  }
  const bytes = Buffer.allocUnsafeSlow(end + room);
  bytes.write(text);
  return { bytes, ends };
}

/** Where the row at `place` begins. */
const startOf = ({ ends }: Written, place: number): number => (place === 0 ? 0 : ends[place - 1]!);

/** How many bytes the rows at these places have. */
const lengthOf = (rows: Written, places: readonly number[]): number =>
  places.reduce((sum, place) => sum + rows.ends[place]! - startOf(rows, place), 0);

/** Copies the rows at these places to `target`, from `at` on, those that follow each other at once. */
function copy(rows: Written, places: readonly number[], target: Buffer, at: number): void {
  let end = at;
  for (let index = 0; index < places.length; ) {
    const first = places[index]!;
    let last = first;
    while (places[++index] === last + 1) last++;
    end += rows.bytes.copy(target, end, startOf(rows, first), rows.ends[last]!);
  }
}

/**
 * Says that `changed` are the same rows as `rows`, but for those at these places. What is kept of the JSON of `rows`
 * becomes theirs.
 */
export function replaceRows(
  rows: readonly Row[],
  changed: readonly Row[],
  places: ReadonlySet<number>,
): void {
  if (answered.has(rows)) answered.add(changed);
  const known = written.get(rows);
  if (known === undefined) return;
  written.delete(rows);
  const { bytes, ends } = known;
  for (const place of places) {
    const anew = Buffer.from(`${JSON.stringify(changed[place])},`);
    const [start, end, length] = [startOf(known, place), ends[place]!, ends.at(-1)!];
    const more = anew.length - (end - start);
    if (length + more > bytes.length) return;
    if (more !== 0) {
      bytes.copyWithin(end + more, end, length);
      for (let each = place; each < ends.length; each++) ends[each]! += more;
    }
    anew.copy(bytes, start);
  }
  written.set(changed, known);
}

/** The JSON of an answer. */
export function jsonOf(answer: { data?: readonly Row[] }): Buffer {
  const { data = [], ...about } = answer;
  const { from, places } = choices.get(data) ?? { from: data };
  if (data.length <= few || !answered.has(from)) {
    answered.add(from);
    return bytesOf(JSON.stringify(answer));
  }
  const rows = written.get(from) ?? write(from);
  written.set(from, rows);
  const around = Buffer.from(JSON.stringify({ data: [], ...about }));
  const begin = '{"data":['.length;
  const length = places ? lengthOf(rows, places) : rows.ends.at(-1)!;
  // The comma after the last row gives way.
  const json = Buffer.allocUnsafeSlow(around.length + length - 1);
  json.set(around.subarray(0, begin));
  if (places) copy(rows, places, json, begin);
  else rows.bytes.copy(json, begin, 0, length);
  json.set(around.subarray(begin), begin + length - 1);
  return json;
}
