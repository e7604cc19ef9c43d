import { sql } from 'kysely';
import pLimit from 'p-limit';
import type { Db } from '../db/database.ts';
import { readRegister } from './read-register.ts';
import type { Register } from './register.ts';

/** All organs as they are in the state that is read, kept from one question to the next for as long as none changes. */

interface Moment {
  snapshot: string;
  generation: number;
}

/** A snapshot that sees nothing. */
const nothing: Moment = { snapshot: '1:1:', generation: -1 };

export class KeptRegister {
  #known: (Moment & { register: Register }) | undefined;
  /** Who needs it read waits for whoever is reading it, and need not any more. */
  readonly #reading = pLimit(1);

  /** The register, and when the state is of. On one state of the database. */
  async in(db: Db): Promise<{ register: Register; as_of: string }> {
    const found = await this.#find(db);
    if (found.register) return { register: found.register, as_of: found.as_of };
    return this.#reading(async () => {
      const { register = await readRegister(db), as_of, isKept, moment } = await this.#find(db);
      // What a transaction has changed itself may be undone, and what an older state saw is of no use to later ones.
      if (isKept) this.#known = { ...moment, register };
      return { register, as_of };
    });
  }

  /** What is kept, where it is of the state as well; otherwise whether what is read may be. */
  async #find(db: Db) {
    const known = this.#known;
    const { snapshot, generation } = known ?? nothing;
    const kept = sql`${snapshot}::pg_snapshot`;
    // An organ that changes is logged as one that was taken out and put back, of no year.
    const { rows } = await sql<
      Moment & { as_of: string; changed: boolean; is_newer: boolean; is_writing: boolean }
    >`
      select generation, now.snapshot::text as snapshot, now() as as_of, pg_current_xact_id_if_assigned() is not null as is_writing,
        horizon > ${generation} or exists (
          select from rollup_changes where year <= 0 and not pg_visible_in_snapshot(transaction, ${kept})
          union all
          select from rollup_folded_changes
          where generation > ${generation} and year <= 0 and not pg_visible_in_snapshot(transaction, ${kept})) as changed,
        pg_snapshot_xmax(${kept}) > pg_snapshot_xmax(now.snapshot)
          or exists (select from pg_snapshot_xip(now.snapshot) as running where pg_visible_in_snapshot(running, ${kept})) as is_newer
      from rollup_state, (select pg_current_snapshot() as snapshot) as now`.execute(db);
    const { as_of, changed, is_newer, is_writing, ...moment } = rows[0]!;
    const isSame = known !== undefined && !changed && !is_newer;
    return {
      register: isSame ? known.register : undefined,
      as_of,
      moment,
      isKept: !isSame && !is_newer && !is_writing,
    };
  }
}
