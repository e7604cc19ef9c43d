import { type Static, Type } from 'typebox';
import { editionKeys } from '../editions/index.ts';
import { scopeKeys } from '../editions/vocabulary.ts';
import { keys } from '../http/schema-parts.ts';

/** Parts that the schemas of reports share. */

export const year = Type.Integer({
  minimum: 2019,
  maximum: 2100,
  description: 'The report year, 1 January to 31 December; 2019 to next year.',
});
export const scope = keys(scopeKeys, {
  description:
    'Whose figures these are: the organ’s `own`, or `consolidated` with everything below it. A person says which; it cannot be computed.',
});
export const organ_id = Type.String({ format: 'uuid', description: 'The organ that reports.' });
export const editionKey = (table: string) =>
  keys(editionKeys, { description: `The edition of the form its ${table} is printed in.` });

export const ReportEditions = Type.Object(
  { disclosure_items: editionKey('section two'), request_statistics: editionKey('section three') },
  {
    $id: 'ReportEditions',
    description:
      'The edition of each table. By default that of the report year; published reports drift, so it is stored and never derived again.',
    examples: [{ disclosure_items: '2021', request_statistics: '2021' }],
  },
);
export type ReportEditions = Static<typeof ReportEditions>;
