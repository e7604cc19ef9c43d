import { sql } from 'kysely';
import pLimit from 'p-limit';
import type { Db } from '../db/database.ts';
import { readRegister } from './read-register.ts';
import type { Register } from './register.ts';

/** Keeps the register of all organs from one question to the next, for as long as no organ changes. */

interface Moment {
  snapshot: string;
  generation: number;
}

/** A moment whose snapshot sees no change at all. */
const nothing: Moment = { snapshot: '1:1:', generation: -1 };

export class KeptRegister {
  #known: (Moment & { register: Register }) | undefined;
  /** One reader at a time. Others wait, and then find that they need not read it any more. */
  readonly #reading = pLimit(1);

  /**
   * The register as of the state that `db` sees, and the time of that state. Must run on one state of the database.
   */
  async in(db: Db): Promise<{ register: Register; as_of: string }> {
    const found = await this.#find(db);
    if (found.register) return { register: found.register, as_of: found.as_of };
    return this.#reading(async () => {
      const { register = await readRegister(db), as_of, isKept, moment } = await this.#find(db);
      // Not kept: what is read in a transaction that has changed something itself, as that may be undone; and what is
      // read of an older state, as later questions have no use for it.
      if (isKept) this.#known = { ...moment, register };
      return { register, as_of };
    });
  }

  /**
   * The kept register, if it is also right for this state; otherwise none, and whether the one to be read may be
   * kept.
   */
  async #find(db: Db) {
    const known = this.#known;
    const { snapshot, generation } = known ?? nothing;
    const kept = sql`${snapshot}::pg_snapshot`;
    // A change of an organ is logged as taking it out and putting it back, both with a year of 0 or less.
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
