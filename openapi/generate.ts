import { writeFileSync } from 'node:fs';
import { documents } from './documents.ts';

/** `npm run openapi`: writes the documents that the service serves, for clients to be generated from. */
for (const { file, text } of await documents()) writeFileSync(file, text);
