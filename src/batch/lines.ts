/** A line of a body with its number, from 1; without bytes where it was too long to keep. */
export interface Line {
  number: number;
  bytes: Buffer | undefined;
}

const newline = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** A line without a byte order mark, if it is the first, and without a carriage return at its end. */
function trimmed(bytes: Buffer, number: number): Buffer {
  const from = number === 1 && bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
  return bytes.subarray(from, bytes.at(-1) === 0x0d ? -1 : undefined);
}

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09);

/**
 * The lines that each chunk of a body completes. Blank lines are left out, but counted. Of a line longer than `limit`
 * bytes nothing is kept, so memory stays bounded. Where a body breaks off it throws before it gives the unfinished
 * line.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Line[]> {
  let number = 1;
  let parts: Buffer[] = [];
  let size = 0;
  const keep = (part: Buffer) => {
    size += part.length;
    if (size > limit) parts = [];
    else parts.push(part);
  };
  const finish = (into: Line[]) => {
    const whole = () => (parts.length === 1 ? parts[0]! : Buffer.concat(parts));
    const bytes = size > limit ? undefined : trimmed(whole(), number);
    if (bytes === undefined || !isBlank(bytes)) into.push({ number, bytes });
    number++;
    parts = [];
    size = 0;
  };
  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      keep(chunk.subarray(from, at));
      finish(lines);
      from = at + 1;
    }
    keep(chunk.subarray(from));
    if (lines.length > 0) yield lines;
  }
  const last: Line[] = [];
  if (size > 0) finish(last);
  if (last.length > 0) yield last;
}
