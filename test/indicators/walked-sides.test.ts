import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sql } from 'kysely';
import t from 'tap';
import type { Aggregate } from '../../src/aggregates/aggregate.ts';
import { aboutSums } from '../../src/aggregates/answer.ts';
import { cellsOf } from '../../src/aggregates/cells.ts';
import type { AggregateQuery, Basis } from '../../src/aggregates/queries.ts';
import { isRefinable, type Refinement, refinementOf } from '../../src/aggregates/refine.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { byKeys } from '../../src/aggregates/sort.ts';
import { yearsBefore } from '../../src/aggregates/years.ts';
import type { Row } from '../../src/formats/format.ts';
import { rowsOf, shapeOf } from '../../src/indicators/answer.ts';
import { type Chosen, chosen, givenOf } from '../../src/indicators/chosen.ts';
import type { Indicator } from '../../src/indicators/indicator.ts';
import type { Part, Sides } from '../../src/indicators/sides.ts';
import { walkSides } from '../../src/indicators/walked-sides.ts';
import { yearsOf } from '../../src/reports/filters.ts';
import { storeWorld, worlds } from '../aggregates/worlds.ts';
import { createTestDatabase } from '../support/database.ts';
import { sumFromRows } from '../support/from-rows.ts';

const { db } = await createTestDatabase(t);

/** Sides of the rows that generated reports have. */
const indicator = {
  code: 'not_granted',
  label: { zh: '', en: '' },
  definition: { zh: '', en: '' },
  numerator: [{ of: requestStatistics, cells: { row: ['refused_third_party', 'other', 'other_misc'] } }],
  denominator: [{ of: requestStatistics, cells: { row: ['granted'] } }],
  scale: 1000,
  unit: { zh: '', en: '' },
  legal_source: '',
} as const satisfies Indicator;

/** Both sides, and how many reports have both, each added up by one statement. */
async function sidesFromRows(pair: readonly [Chosen, Chosen], bothSides: boolean): Promise<Sides> {
  const given = givenOf(pair);
  const { groupBy } = pair[1].selection;
  const nameOf = (row: Row) => JSON.stringify(groupBy.map((key) => row[key]));
  const sum = async ({ of, query, selection }: Chosen, isStrict: boolean, aggregate: Aggregate = of) => {
    const strictly = isStrict ? { ...selection, given } : selection;
    const { rows, ...rest } = await sumFromRows(db, aggregate, query, strictly, 10_000);
    return { ...rest, before: [], cells: cellsOf(of, selection, rows) };
  };
  const partsOf = async (side: Chosen) => {
    const all = await sum(side, false);
    const counting = bothSides ? await sum(side, true) : all;
    const sums = new Map(counting.cells.map((row) => [nameOf(row), row.value as number | null]));
    const parts = all.cells.map((row): [string, Part] => {
      const name = nameOf(row);
      return [name, { sum: sums.get(name) ?? null, known: row.value !== null, row }];
    });
    const added = (member: string) => all.cells.reduce((sum, row) => sum + Number(row[member]), 0);
    return {
      all,
      parts: new Map(parts),
      gaps: { blank: added('blank'), absent: all.reports - added('reports') },
    };
  };
  const [over, under] = [await partsOf(pair[0]), await partsOf(pair[1])];
  // The denominator is of one row, of which each report that counts has one.
  const one = { ...pair[1].of, cell: () => ({ value: sql<number>`1`, blank: sql<boolean>`false` }) };
  const counted = new Map(
    (await sum(pair[1], true, one)).cells.map((row) => [nameOf(row), Number(row.value)]),
  );
  return {
    groups: [...new Set([...under.parts.keys(), ...over.parts.keys()])].map((name) => ({
      numerator: over.parts.get(name),
      denominator: under.parts.get(name),
      ...(bothSides && { common: counted.get(name) ?? 0 }),
    })),
    gaps: { numerator: over.gaps, denominator: under.gaps },
    denominator: under.all,
  };
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const queries = fc.record({
  group_by: fc
    .subarray(['year', 'city', 'level', 'edition'], { maxLength: 2 })
    .chain((others) => fc.shuffledSubarray([...others, 'organ'], { minLength: others.length })),
  basis: fc.constantFrom<Basis>('auto', 'auto', 'own', 'consolidated'),
  level: fc.option(fc.subarray(['city', 'county', 'town'], { minLength: 1 }), { nil: undefined, freq: 2 }),
  division: fc.option(fc.constantFrom(['32'], ['321300']), { nil: undefined, freq: 2 }),
  year: maybe(fc.subarray(['2022', '2023'], { minLength: 1 })),
  both_sides: fc.boolean(),
  compute: maybe(fc.subarray(['rank', 'change'], { minLength: 1 })),
  having: fc.option(
    fc.subarray(
      [
        'value>=0.5',
        'denominator>=10',
        'numerator<40',
        'reports>0',
        'numerator_blank=0',
        'common_reports>0',
        'rank<=2',
      ],
      {
        minLength: 1,
        maxLength: 2,
      },
    ),
    { nil: undefined, freq: 2 },
  ),
  sort: maybe(
    fc.constantFrom(
      ['-value'],
      ['value'],
      ['-denominator', 'year'],
      ['organ'],
      ['rank'],
      ['-rank'],
      ['-value', 'rank'],
      ['-change'],
      ['change_rate', 'organ'],
      ['organ_name'],
      ['level', '-value'],
    ),
  ),
  top: maybe(fc.integer({ min: 1, max: 3 })),
});

t.test(
  'quotients are the same walked and added up by one statement, all and only those that are needed',
  async () => {
    const compared = { rows: 0, refined: 0, values: 0 };
    await fc.assert(
      fc.asyncProperty(worlds, fc.array(queries, { minLength: 14, maxLength: 14 }), async (world, drawn) => {
        await storeWorld(db, world);
        for (const { both_sides, ...given } of drawn) {
          const query = Object.fromEntries(
            Object.entries(given).filter(([, value]) => value !== undefined),
          ) as unknown as AggregateQuery & Refinement & { group_by: string[] };
          if (query.compute)
            query.compute = query.compute.filter((name) =>
              query.group_by.includes(name === 'change' ? 'year' : query.group_by[0]!),
            );
          const named = (text: string) => text.replace(/^-/, '').replace(/[^a-z_].*$/, '');
          const isThere = (text: string) =>
            !['rank', 'change', 'change_rate', 'year', 'level', 'organ', 'organ_name'].includes(
              named(text),
            ) ||
            query.group_by.includes(named(text).replace('_name', '')) ||
            query.compute?.includes(named(text));
          if (query.sort) query.sort = query.sort.filter(isThere);
          if (query.having)
            query.having = query.having.filter(
              (text) => isThere(text) && (both_sides || named(text) !== 'common_reports'),
            );
          if (query.sort?.length === 0) delete query.sort;
          const shape = shapeOf(query.group_by, { both_sides });
          const refine = refinementOf(query, shape);
          const sidesOf = (year: string[] | undefined) => {
            const ofYears = { ...query, ...(year && { year }) };
            return [chosen(indicator.numerator, ofYears), chosen(indicator.denominator, ofYears)] as const;
          };
          const pair = sidesOf(query.year);
          const about = async (sides: Sides) => ({
            gaps: sides.gaps,
            coverage: (
              await aboutSums(db, pair[1].of, query, pair[1].selection, sides.denominator, undefined)
            ).coverage,
          });
          const earlier = yearsOf(query.compute?.includes('change') ? yearsBefore(query.year) : []) ?? [];
          const before =
            earlier.length === 0
              ? []
              : (await sidesFromRows(sidesOf(earlier.map(String)), both_sides)).groups;
          const whole = await sidesFromRows(pair, both_sides);
          const refined = (sides: Sides, before: Sides['groups']) =>
            refine(
              rowsOf(query.group_by, indicator, sides.groups).sort(byKeys(query.group_by, shape.places)),
              rowsOf(query.group_by, indicator, before),
            );
          const wanted = { data: refined(whole, before), ...(await about(whole)) };
          const how = {
            scale: indicator.scale,
            bothSides: both_sides,
            refining: { refinement: query, shape },
            earlier,
          };
          const all = await walkSides(db, pair, how);
          assert.deepEqual(
            { data: refined(all, all.before), ...(await about(all)) },
            wanted,
            JSON.stringify(query),
          );
          if (!isRefinable(how.refining)) continue;
          const some = await walkSides(db, pair, { ...how, most: 1 });
          if (some.computed === undefined) continue;
          const data = rowsOf(query.group_by, indicator, some.groups).map((row, place) => ({
            ...row,
            ...some.computed![place],
          }));
          assert.deepEqual({ data, ...(await about(some)) }, wanted, JSON.stringify(query));
          compared.refined++;
          compared.rows += wanted.data.length;
          compared.values += wanted.data.filter(({ value }) => value !== null).length;
        }
      }),
      { numRuns: 10 },
    );
    assert.ok(compared.rows > 5 && compared.values > 1 && compared.refined > 5, JSON.stringify(compared));
  },
);
