import { type Static, Type } from 'typebox';
import type { EditionKey } from '../editions/edition.ts';
import { editionKeys } from '../editions/index.ts';
import { type Scope, scopeKeys } from '../editions/vocabulary.ts';

/** What the schemas of reports are put together from. */

/** A scalar that may be null. */
export const nullable = <T>(type: string, options: object = {}) =>
  Type.Unsafe<T | null>({ type: [type, 'null'], ...options });
/** One of the keys of a list. */
export const keys = <T extends string>(values: readonly string[], options: object = {}) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...options });
/** A component by name, with the type it has in code. */
export const ref = <T>(id: string) => Type.Unsafe<T>(Type.Ref(id));

export const year = Type.Integer({
  minimum: 2019,
  maximum: 2100,
  description: 'The report year, 1 January to 31 December; 2019 to next year.',
});
export const scope = keys<Scope>(scopeKeys, {
  description:
    'Whose figures these are: the organ’s `own`, or `consolidated` with everything below it. A person says which; it cannot be computed.',
});
export const organ_id = Type.String({ format: 'uuid', description: 'The organ that reports.' });
export const editionKey = (table: string) =>
  keys<EditionKey>(editionKeys, { description: `The edition of the form its ${table} is printed in.` });

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
