import { Readable } from 'node:stream';
import { batches, type Format, pick } from './format.ts';

export const ndjson: Format = {
  suffix: 'ndjson',
  media_type: 'application/x-ndjson',
  description: 'One JSON object a line. A blank is null.',
  example: '{"year":2023,"row":"granted","value":258}\n{"year":2023,"row":"partly_granted","value":null}\n',
  nests: true,
  options: [],
  stream(rows, columns) {
    async function* chunks() {
      for await (const batch of batches(rows))
        yield batch.map((row) => `${JSON.stringify(pick(row, columns))}\n`).join('');
    }
    return Readable.from(chunks());
  },
};
