import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { type Register, readRegister } from './register.ts';

/** All organs as they are in the state that is read, kept from one question to the next for as long as none changes. */

interface Moment {
  snapshot: string;
  generation: number;
}

/** A snapshot that sees nothing. */
const never: Moment = { snapshot: '1:1:', generation: -1 };

export class KeptRegister {
  #known: (Moment & { register: Register }) | undefined;

  /** The register, and when the state is of. On one state of the database. */
  async in(db: Db): Promise<{ register: Register; as_of: string }> {
    const { snapshot, generation } = this.#known ?? never;
    // An organ that changes is logged as one that was taken out and put back, of no year.
    const { rows } = await sql<Moment & { as_of: string; changed: boolean; is_writing: boolean }>`
      select generation, pg_current_snapshot()::text as snapshot, now() as as_of, pg_current_xact_id_if_assigned() is not null as is_writing,
        horizon > ${generation} or exists (
          select from rollup_changes where year <= 0 and not pg_visible_in_snapshot(transaction, ${snapshot}::pg_snapshot)
          union all
          select from rollup_folded_changes
          where generation > ${generation} and year <= 0 and not pg_visible_in_snapshot(transaction, ${snapshot}::pg_snapshot)) as changed
      from rollup_state`.execute(db);
    const { as_of, changed, is_writing, ...moment } = rows[0]!;
    if (this.#known && !changed) return { register: this.#known.register, as_of };
    const register = await readRegister(db);
    // What a transaction has changed itself may be undone.
    if (!is_writing) this.#known = { ...moment, register };
    return { register, as_of };
  }
}
