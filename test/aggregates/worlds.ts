import fc from 'fast-check';
import { sql } from 'kysely';
import type { Db } from '../../src/db/database.ts';
import type { EditionKey } from '../../src/editions/edition.ts';
import type { RequestStatisticsRow } from '../../src/editions/figures.ts';
import type { OrganKind, OrganLevel, Scope } from '../../src/editions/vocabulary.ts';
import { foldRollups, renewSegment } from '../../src/rollups/maintenance.ts';
import { organ, report, type StoredOrgan, type StoredReport, store } from './stored-reports.ts';

/** Trees of organs with some of the reports they could have, drawn by chance. */

export interface World {
  organs: StoredOrgan[];
  reports: StoredReport[];
}

const codes = ['320000', '321300', '321302', '321322', '321302001', '330100', '330106', '429004', null];
const count = fc.option(fc.nat(50), { freq: 3 });
export const row = (key: string) =>
  fc.record(
    {
      row: fc.constant(key),
      natural_person: count,
      business: count,
      research: count,
      public_interest: count,
      legal_service: count,
      other: count,
      total: count,
    },
    { noNullPrototype: true },
  ) as fc.Arbitrary<RequestStatisticsRow>;
const rowsOf = (edition: EditionKey) =>
  fc
    .tuple(
      ...['new_received', 'granted', 'refused_third_party', edition === '2019' ? 'other' : 'other_misc'].map(
        (key) => fc.option(row(key), { freq: 4 }),
      ),
    )
    .map((rows) => rows.filter((each) => each !== null));
const content = fc.constantFrom<EditionKey>('2019', '2021').chain((edition) =>
  fc.record({
    edition: fc.constant(edition),
    rows: rowsOf(edition),
    state: fc.constantFrom<StoredReport['state']>(
      'published',
      'published',
      'published',
      'published',
      'draft',
      'withdrawn',
    ),
  }),
);

/** A forest: each organ under an earlier one or under none, each with some of the reports it could have. */
export const worlds: fc.Arbitrary<World> = fc
  .array(
    fc.record({
      parent: fc.option(fc.nat(), { freq: 8 }),
      level: fc.constantFrom<OrganLevel>('province', 'city', 'county', 'town'),
      kind: fc.constantFrom<OrganKind>('government', 'department', 'general_office'),
      division_code: fc.constantFrom(...codes),
      moved: fc.option(fc.record({ parent: fc.option(fc.nat()), division_code: fc.constantFrom(...codes) }), {
        freq: 2,
      }),
      reports: fc.array(
        fc.record({
          year: fc.constantFrom(2022, 2023),
          scope: fc.constantFrom<Scope>('own', 'consolidated'),
          content,
        }),
        { maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((drawn) => {
    const organs: StoredOrgan[] = [];
    const reports: StoredReport[] = [];
    for (const [index, each] of drawn.entries()) {
      const { parent, level, kind, division_code, moved, reports: drawnReports } = each;
      const earlierOne = (place: number | null) =>
        place === null || index === 0 ? null : organs[place % index]!.id;
      const until2022 = moved && {
        parent_id: earlierOne(moved.parent),
        division_code: moved.division_code,
      };
      const parent_id = earlierOne(parent);
      const one = organ({ level, kind, division_code, parent_id, ...(until2022 && { until2022 }) });
      organs.push(one);
      const natural = new Map(drawnReports.map((each) => [`${each.year}${each.scope}`, each]));
      for (const {
        year,
        scope,
        content: { edition, rows, state },
      } of natural.values())
        reports.push(
          report({
            organ_id: one.id,
            year,
            scope,
            state,
            editions: { disclosure_items: '2021', request_statistics: edition },
            request_statistics: rows,
          }),
        );
    }
    return { organs, reports };
  });

/** The organs of a world, nearest first: the one with this id in a year and those above it. */
export function lineIn({ organs }: Pick<World, 'organs'>, id: string, year: number): StoredOrgan[] {
  const found = organs.find((one) => one.id === id)!;
  const one = year <= 2022 && found.until2022 ? { ...found, ...found.until2022 } : found;
  return one.parent_id === null ? [one] : [one, ...lineIn({ organs }, one.parent_id, year)];
}

/** Makes all segments that are missing or stale. */
export async function renewSegments(db: Db): Promise<void> {
  while (await renewSegment(db));
}

/**
 * Stores a world in three parts: the first is folded into the rollups and in segments, the second folded only, the third
 * on its way there.
 */
export async function storeWorld(db: Db, { organs, reports }: World): Promise<void> {
  await sql`truncate organs, reports, revisions cascade`.execute(db);
  const part = Math.ceil(reports.length / 3);
  await store(db, organs, reports.slice(0, part));
  await foldRollups(db, true);
  await renewSegments(db);
  await store(db, [], reports.slice(part, 2 * part));
  await foldRollups(db, true);
  await store(db, [], reports.slice(2 * part));
}
