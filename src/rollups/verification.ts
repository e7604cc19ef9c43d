import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { refs } from '../db/refs.ts';
import type { Table } from '../editions/figures.ts';
import { applicantKeys, outcomeKeys } from '../editions/vocabulary.ts';
import { onOneState } from './maintenance.ts';
import { organsCompared } from './organs-compared.ts';
import { segmentsCompared } from './segments-compared.ts';

/** Compares the rollups with the rows that they are made of, without the code that makes them. */

interface Verification {
  /** How many sums and counts were compared. */
  compared: number;
  /** The first few that differ, each with what is stored or what the rows give. */
  differences: { of: string; key: string }[];
}

const mostDifferences = 10;

const counted = (columns: readonly string[]) =>
  columns.flatMap((column) => [
    sql`coalesce(sum(amount * ${sql.ref(`facts.${column}`)}::numeric), 0) as ${sql.id(column)}`,
    sql`coalesce(sum(amount) filter (where ${sql.ref(`facts.${column}`)} is null), 0)::int as ${sql.id(`blank_${column}`)}`,
  ]);
const stored = (columns: readonly string[]) => columns.flatMap((column) => [column, `blank_${column}`]);

/**
 * What is added up of each table of figures: the columns that name a row, the names of the sums, and SQL for the sums
 * over the rows.
 */
const tables: Record<Table, { rowKeys: string[]; sums: string[]; given: RawBuilder<unknown>[] }> = {
  disclosure_items: {
    rowKeys: ['item', 'measure'],
    sums: ['value', 'blank', 'unit_unknown'],
    given: [
      sql`coalesce(sum(amount * facts.value * case when facts.item = 'procurement' and facts.unit = '万元' then 10000 else 1 end)
        filter (where facts.unit is not null or facts.value = 0), 0) as value`,
      sql`coalesce(sum(amount) filter (where facts.value is null), 0)::int as blank`,
      sql`coalesce(sum(amount) filter (where facts.unit is null and facts.value <> 0), 0)::int as unit_unknown`,
    ],
  },
  request_statistics: { rowKeys: ['row'], sums: stored(applicantKeys), given: counted(applicantKeys) },
  review_litigation_counts: {
    rowKeys: ['proceeding'],
    sums: stored(outcomeKeys),
    given: counted(outcomeKeys),
  },
};

/** What tells cells apart in the finest grain there could be. */
const cellKeys = [
  'year',
  'province',
  'city',
  'county',
  'level',
  'kind',
  'scope',
  'gone',
  'cover',
  'disclosure_edition',
  'request_edition',
];
const keyColumns = (table: string) => refs(cellKeys, table);

/** The entries that organs and effective revisions give, less those that are logged and not folded yet. */
const entries = sql`(
  select entry_year as year, province, city, county, level, kind, scope, gone, cover,
    coalesce(revisions.disclosure_edition, '') as disclosure_edition,
    coalesce(revisions.request_edition, '') as request_edition, revision_id, summed.amount
  from (
    select entry_year, province, city, county, level, kind, scope, gone, cover, revision_id, sum(sign * entries.amount) as amount
    from (
      select 1 as sign, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision
      from rollup_organ_years
      union all
      select -sign, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision
      from rollup_changes
    ) as states, rollup_entries(year, gone_in, cover, own_revision, consolidated_revision) as entries
    group by entry_year, province, city, county, level, kind, scope, gone, cover, revision_id
    having sum(sign * entries.amount) <> 0
  ) as summed left join revisions on revisions.id = revision_id
)`;

/**
 * What every grain keeps, made of what the finest grain would keep: adding up the rows only once saves most of the
 * work. `more` are further columns that tell sums apart. The first of `sums` is the number of what was added; where
 * it is 0, there is no row.
 */
function inGrains(finest: RawBuilder<unknown>, more: readonly string[], sums: readonly string[]) {
  const keys = [
    sql`grain`,
    sql`year`,
    ...['province', 'city', 'county'].map(
      (key) => sql`case when ${sql.ref(`by_${key}`)} then ${sql.ref(key)} else '' end`,
    ),
    ...['level', 'kind'].map((key) => sql`case when by_kind then ${sql.ref(key)} else '' end`),
    ...['scope', 'gone', 'seen', 'disclosure_edition', 'request_edition', ...more].map((key) => sql.ref(key)),
  ];
  return sql`
    with finest as materialized (${finest})
    select ${sql.join(keys)}, ${sql.join(sums.map((name) => sql`sum(${sql.ref(name)})`))}
    from rollup_grains join rollup_grain_covers using (grain) join finest using (cover)
    group by ${sql.join(keys.map((_, place) => sql.lit(place + 1)))} having sum(${sql.ref(sums[0]!)}) <> 0`;
}

/** The rows that only one of two relations has, and how many rows the first one has. */
async function compare(
  db: Db,
  of: string,
  kept: RawBuilder<unknown>,
  given: RawBuilder<unknown>,
): Promise<Verification> {
  const { rows } = await sql<{ compared: number; differences: string[] }>`
    with kept as materialized (${kept}), given as materialized (${given}),
    differing as (
      (select 'stored ' || kept::text as key from (select * from kept except select * from given) as kept limit ${mostDifferences})
      union all
      (select 'from the rows ' || given::text from (select * from given except select * from kept) as given limit ${mostDifferences})
    )
    select (select count(*) from kept) as compared, (select coalesce(array_agg(key), '{}') from differing) as differences`.execute(
    db,
  );
  const { compared, differences } = rows[0]!;
  return { compared, differences: differences.map((key) => ({ of, key })) };
}

/**
 * Compares every rollup with what the rows give, in one state of the database. Only a rebuilding has to wait for it.
 */
export function verifyRollups(db: Db): Promise<Verification> {
  return onOneState(db, async (trx) => {
    // Enough to sort and group a country's cells in memory, which happens some ten times.
    await sql`select set_config('work_mem', '256MB', true)`.execute(trx);
    const found: Verification[] = [];
    for (const { of, kept, given } of [...organsCompared, ...segmentsCompared])
      found.push(await compare(trx, of, kept, given));
    found.push(
      await compare(
        trx,
        'rollup_cells',
        sql`select grain, ${keyColumns('cells')}, amount from rollup_cells as cells where amount <> 0`,
        inGrains(
          sql`select ${keyColumns('entries')}, sum(amount) as amount from ${entries} as entries
              group by ${keyColumns('entries')}`,
          [],
          ['amount'],
        ),
      ),
    );
    for (const [table, { rowKeys, sums, given }] of Object.entries(tables)) {
      const names = (of: string) => refs(rowKeys, of);
      const facts = sql`${entries} as entries join ${sql.table(table)} as facts on facts.revision_id = entries.revision_id`;
      found.push(
        await compare(
          trx,
          `rollup_${table}`,
          sql`select cells.grain, ${keyColumns('cells')}, ${names('sums')}, sums.reports, ${refs(sums, 'sums')}
              from rollup_cells as cells join ${sql.table(`rollup_${table}`)} as sums
                on sums.cell_id = cells.id and (sums.grain, sums.year, sums.province) = (cells.grain, cells.year, cells.province)
              where ${sql.join(
                ['reports', ...sums].map((name) => sql`${sql.ref(`sums.${name}`)} <> 0`),
                sql` or `,
              )}`,
          inGrains(
            sql`select ${keyColumns('entries')}, ${names('facts')}, sum(amount) as reports, ${sql.join(given)}
                from ${facts} group by ${keyColumns('entries')}, ${names('facts')}`,
            rowKeys,
            ['reports', ...sums],
          ),
        ),
        await compare(
          trx,
          `rollup_captures of ${table}`,
          sql`select cells.grain, ${keyColumns('cells')}, shapes.captured, captures.amount
              from rollup_cells as cells join rollup_captures as captures
                on captures.cell_id = cells.id and (captures.grain, captures.year, captures.province) = (cells.grain, cells.year, cells.province)
              join rollup_shapes as shapes on shapes.id = captures.shape and shapes.of = ${table}
              where captures.amount <> 0`,
          inGrains(
            sql`select ${keyColumns('captured')}, captured.names, sum(amount) as amount from (
                  select ${keyColumns('entries')}, entries.revision_id, amount,
                    array_agg(concat_ws('.', ${names('facts')}) order by ${names('facts')}) as names
                  from ${facts} group by ${keyColumns('entries')}, entries.revision_id, amount
                ) as captured group by ${keyColumns('captured')}, captured.names`,
            ['names'],
            ['amount'],
          ),
        ),
      );
    }
    return {
      compared: found.reduce((sum, { compared }) => sum + compared, 0),
      differences: found.flatMap(({ differences }) => differences),
    };
  });
}
