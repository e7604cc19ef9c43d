import { type RawBuilder, sql } from 'kysely';

/** Columns by name, with commas between: those `of` a table where one is said. */
export const refs = (names: readonly string[], of?: string): RawBuilder<unknown> =>
  sql.join(names.map((name) => sql.ref(of === undefined ? name : `${of}.${name}`)));
