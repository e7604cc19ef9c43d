import { Readable } from 'node:stream';
import { batches, type Format } from './format.ts';

export const ndjson: Format = {
  suffix: 'ndjson',
  media_type: 'application/x-ndjson',
  description: 'One JSON object a line. A blank is null.',
  example: '{"year":2023,"row":"granted","value":258}\n{"year":2023,"row":"partly_granted","value":null}\n',
  options: [],
  stream(rows, columns) {
    const members = [...columns];
    async function* chunks() {
      for await (const batch of batches(rows))
        yield batch.map((row) => `${JSON.stringify(row, members)}\n`).join('');
    }
    return Readable.from(chunks());
  },
};
