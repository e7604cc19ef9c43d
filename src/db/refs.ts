import { type RawBuilder, sql } from 'kysely';

/** The names of columns with commas between; qualified by the table `of`, where it is given. */
export const refs = (names: readonly string[], of?: string): RawBuilder<unknown> =>
  sql.join(names.map((name) => sql.ref(of === undefined ? name : `${of}.${name}`)));
