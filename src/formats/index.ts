import { csv } from './csv.ts';
import type { Format } from './format.ts';
import { ndjson } from './ndjson.ts';

/** Every format of long results. A new one is one file and one line here. */
export const formats: readonly Format[] = [csv, ndjson];
