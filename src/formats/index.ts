import { csv } from './csv.ts';
import type { DatasetFormat, Format } from './format.ts';
import { jsonstat } from './jsonstat.ts';
import { ndjson } from './ndjson.ts';

/** Every format of long results. A new one needs one file and one line here. */
export const formats: readonly Format[] = [csv, ndjson];

/** Every format of answers that are cubes. */
export const datasetFormats: readonly DatasetFormat[] = [jsonstat];

/** How the id of an operation that answers in a format ends. */
export const asSuffix = ({ suffix }: { suffix: string }): string =>
  `As${suffix[0]!.toUpperCase()}${suffix.slice(1)}`;
