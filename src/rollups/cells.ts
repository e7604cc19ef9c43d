import { sql } from 'kysely';
import pLimit from 'p-limit';
import type { Db } from '../db/database.ts';
import { digitsAt, eachCopied } from '../walk/copied.ts';
import { type Cells, type CoverSignature, cellsMaking } from './cell-columns.ts';
import { type Changes, lackingIn } from './changes.ts';
import { onOneState } from './maintenance.ts';
import type { Path, RollupState } from './state.ts';

/** Reads and keeps the cells of the rollups, without their sums: some megabytes for a country. */

async function readCells(db: Db, grain: string): Promise<Cells> {
  const { rows: counted } = await sql<{ amount: number }>`
    select count(*)::int as amount from rollup_cells where grain = ${grain} and amount <> 0`.execute(db);
  const making = cellsMaking(counted[0]!.amount);
  await eachCopied(
    db,
    sql`select id, year, scope, gone, province, city, county, level, kind, disclosure_edition, request_edition, cover, amount
      from rollup_cells where grain = ${sql.lit(grain)} and amount <> 0 order by id`,
    13,
    (data, at, length) => {
      const number = (field: number) => data.readInt32BE(at[field]!);
      const digits = (field: number) => digitsAt(data, at[field]!, length[field]!);
      const word = (field: number) => data.toString('latin1', at[field]!, at[field]! + length[field]!);
      making.push({
        id: number(0),
        year: number(1),
        scope: word(2),
        gone: data[at[3]!] === 1,
        province: digits(4),
        city: digits(5),
        county: digits(6),
        level: word(7),
        kind: word(8),
        disclosure_edition: word(9),
        request_edition: word(10),
        cover: number(11),
        amount: number(12),
      });
    },
  );
  // All signatures there are, some hundreds: to find out which of them these cells have would take longer.
  const { rows: signatures } = await sql<CoverSignature>`select * from rollup_cover_signatures`.execute(db);
  return making.made(signatures);
}

/** Cells, the paths from what they count to what a state counts, and the time of that state, `as_of`. */
interface CellsInState {
  cells: Cells;
  paths: readonly Path[];
  as_of: string;
}

/** The cells of each grain, kept from one question to the next for as long as all changes since are remembered. */
export class KeptCells {
  readonly #known = new Map<string, { cells: Cells; lacking: Changes; moment: number }>();
  /** One reader at a time. Others wait, and then find that they need not read them any more. */
  readonly #reading = pLimit(1);
  /**
   * Callers in a transaction wait in a queue of their own: the reader of the other queue may be waiting for their
   * connection.
   */
  readonly #readingWithin = pLimit(1);

  /**
   * The cells of a grain as of a state, or without one as of what the transaction sees. Never those in `useless`.
   * Throws `Outdated` where cells cannot be taken back to the state.
   */
  async in(
    db: Db,
    grain: string,
    state: RollupState | undefined,
    useless: readonly Cells[] = [],
  ): Promise<CellsInState> {
    const find = () => this.#find(grain, state, useless);
    const reading = db.isTransaction ? this.#readingWithin : this.#reading;
    return find() ?? reading(async () => find() ?? this.#read(db, grain, state));
  }

  #read(db: Db, grain: string, state: RollupState | undefined): Promise<CellsInState> {
    return onOneState(db, async (trx) => {
      const { changes: lacking, as_of } = await lackingIn(trx, state);
      const cells = await readCells(trx, grain);
      // Cells read for a transaction are not kept: its moment is NaN, which no other state can start from.
      if (state && state.moment >= (this.#known.get(grain)?.moment ?? 0))
        this.#known.set(grain, { cells, lacking, moment: state.moment });
      return { cells, paths: [{ changes: [lacking], back: false }], as_of: state?.as_of ?? as_of };
    });
  }

  #find(grain: string, state: RollupState | undefined, useless: readonly Cells[]): CellsInState | undefined {
    const known = this.#known.get(grain);
    if (!known || !state || useless.includes(known.cells)) return undefined;
    const since = state.since(known.moment);
    if (!since) return undefined;
    const paths = [{ changes: [known.lacking], back: false }, since];
    return { cells: known.cells, paths, as_of: state.as_of };
  }
}
