import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type Static, Type } from 'typebox';
import type { Fault } from '../editions/form-faults.ts';
import { kindKeys, levelKeys, scopeKeys } from '../editions/vocabulary.ts';
import { refuseFaults } from '../http/problem.ts';
import { keys, several } from '../http/schema-parts.ts';
import type { Meaning } from '../http/validation.ts';

/**
 * The filters that every list over organs or reports shares: query members to spread into a querystring schema, and
 * the SQL conditions they stand for. Members that repeat mean any of the values; different members all hold.
 */

/** Which organs. For queries in which the table `organs` bears its own name. */
export const organQuery = {
  organ_id: several(Type.String({ format: 'uuid' }), 'These organs.'),
  under: several(
    Type.String({ format: 'uuid' }),
    'These organs and everything below them, at any depth, in the tree as it was at the end of the report year; in lists of organs, as it is today.',
  ),
  division: several(
    Type.String({
      pattern: '^[1-9][0-9]([0-9]{2}|[0-9]{4}|[0-9]{7})?$',
      description: 'A division code of 2, 4, 6 or 9 digits, the first of them not 0.',
    }),
    'The area of these division codes: 2 digits a province, 4 a city, 6 a county (a code that ends in `00` is its whole province or city), 9 a town. An organ without a division stands where the organ above it does. Of reports, where their organ stood at the end of their year.',
    [['32'], ['321300'], ['321302']],
  ),
  level: several(keys(levelKeys, { description: 'Level of an organ.' }), 'Organs of these levels.'),
  kind: several(keys(kindKeys, { description: 'Kind of an organ.' }), 'Organs of these kinds.'),
};

/** Which reports, by their organ, their own members and what was published. */
export const reportQuery = {
  ...organQuery,
  year: several(
    Type.String({
      pattern: '^(2019|20[2-9][0-9]|2100)(\\.\\.(2019|20[2-9][0-9]|2100))?$',
      description: 'A year from 2019 to 2100, or a range of such years.',
    }),
    'Report years, 2019 to 2100: `2023`, several of them, or a range `2019..2023`.',
    [['2023'], ['2019..2023']],
  ),
  scope: several(
    keys(scopeKeys, { description: 'Whose figures a report holds.' }),
    'Reports of this scope: the organ’s `own` figures, or `consolidated` with everything below it.',
  ),
  published_since: Type.Optional(
    Type.String({
      format: 'date',
      description:
        'Reports whose `published_on` is this day or later; never one that names no day, of which it is not known.',
    }),
  ),
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Reports with this text in the name of the organ or in their title.',
      examples: ['宿迁'],
    }),
  ),
};

const organFiltersSchema = Type.Object(organQuery);
const reportFiltersSchema = Type.Object(reportQuery);
export type OrganFilters = Static<typeof organFiltersSchema>;
export type ReportFilters = Static<typeof reportFiltersSchema>;

type Condition = RawBuilder<SqlBool>;

/** What the filters are conditions over: every report with its organ and its effective revision, by their own names. */
export const effectiveReports = sql`reports
  join organs on organs.id = reports.organ_id
  join revisions on revisions.report_id = reports.id and revisions.state = 'published'`;

/**
 * The division code of where a report's organ stood at the end of its year, or null: over `reports` and `organs` with
 * `joinPlaces` after them. An organ without a division stands where the one above it does.
 */
export const placeCode = sql<string | null>`nullif(coalesce(earlier.place_code, organs.place_code), '')`;
export const joinPlaces = sql`left join organ_earlier_places as earlier
  on earlier.organ_id = reports.organ_id and earlier.year = reports.year`;

/** All of the conditions; true where there are none. */
export const every = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` and `)})`;

/** Any of the conditions, of which there is one at least. */
const any = (conditions: readonly Condition[]): Condition => sql`(${sql.join(conditions, sql` or `)})`;

/** What `like` takes for a text anywhere. */
export const patternOf = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/**
 * Whether a column has a text in it, in capital letters or small ones. Where it has neither, as Chinese has none, it is
 * looked for as it stands, in a fraction of the time.
 */
export function contains(column: RawBuilder<unknown>, text: string): Condition {
  const pattern = patternOf(text);
  return text.toLowerCase() === text.toUpperCase()
    ? sql`${column} like ${pattern}`
    : sql`${column} ilike ${pattern}`;
}

/** The digits that every code of a division's area begins with: `321300` and `3213` are one city, `320000` and `32` one province. */
export function divisionPrefix(code: string): string {
  const county = code.length === 9 && code.endsWith('000') ? code.slice(0, 6) : code;
  return county.length === 9 ? county : county.replace(/(00)+$/, '');
}

/**
 * The organs and everything below them over time, as a CTE `subtree (id, valid_from, valid_to)`: an organ belongs to
 * the tree while each link up to the root holds. Ends even where parents run in a circle. Walked from organ to organ:
 * as a join all organs would be read at each step.
 */
export const subtreeOf = (ids: readonly string[]): RawBuilder<unknown> => sql`with recursive subtree as (
    select roots.id, date '-infinity' as valid_from, date 'infinity' as valid_to
    from organs as roots where roots.id = any(${ids}::uuid[])
    union
    select below.organ_id, greatest(below.valid_from, subtree.valid_from), least(below.valid_to, subtree.valid_to)
    from subtree, lateral (select * from organ_parents as parents where parents.parent_id = subtree.id
      and parents.valid_from <= subtree.valid_to and parents.valid_to >= subtree.valid_from offset 0) as below
  )`;

/** Every year a report can be of by now. */
const everyYear = sql`generate_series(2019, extract(year from now() at time zone 'Asia/Shanghai')::int + 1)`;

/** Pairs of an organ of these trees and a year at whose end it was one. */
const subtreeYears = (
  ids: readonly string[],
  years: readonly number[] | undefined,
): RawBuilder<unknown> => sql`${subtreeOf(ids)}
      select subtree.id, years.year from subtree
        join ${years ? sql`unnest(${years}::int[])` : everyYear} as years (year)
          on make_date(years.year, 12, 31) between subtree.valid_from and subtree.valid_to`;

/** The first and last year of a range, or of one year. */
const endsOf = (text: string): [number, number] => {
  const [first = 0, last = first] = text.split('..').map(Number);
  return [first, last];
};

/** Ranges of years that run backwards, as faults. */
export const backwards = (year: readonly string[]): Fault[] =>
  year.flatMap((text, index) => {
    const [first, last] = endsOf(text);
    const message = `${text} runs backwards: write ${last}..${first}`;
    return first > last ? [{ pointer: `/year/${index}`, code: 'range', message }] : [];
  });

/** What the schemas of `reportQuery` cannot say. */
export const reportMeaning: Meaning = { faults: ({ year }) => backwards((year ?? []) as string[]) };

/** The years a filter names, each once, in order. Problem `invalid-request` (400) where ranges run backwards. */
export function yearsOf(year: ReportFilters['year']): number[] | undefined {
  if (year === undefined) return undefined;
  const errors = backwards(year).map((fault) => ({ in: 'query' as const, ...fault }));
  refuseFaults(errors);
  const years = new Set<number>();
  for (const [first, last] of year.map(endsOf)) for (let each = first; each <= last; each++) years.add(each);
  return [...years].sort((a, b) => a - b);
}

/** Whether a column holds a code of one of these areas. */
export const isWithin = (column: string, division: readonly string[]): Condition =>
  any(division.map((code) => sql`${sql.ref(column)} like ${`${divisionPrefix(code)}%`}`));

/** Whether the organ of a pair of organ and year, which is of the table `organs`, stood in one of these areas then. */
function stoodWithin(division: readonly string[], pair: RawBuilder<unknown>): Condition {
  const elsewhere = isWithin('organ_earlier_places.place_code', division);
  // Each side names its organs, so that they are looked up.
  return sql`(
    ${isWithin('organs.place_code', division)}
      and ${pair} not in (select organ_id, year from organ_earlier_places)
    or organs.id = any(array(select organ_id from organ_earlier_places where ${elsewhere}))
      and ${pair} in (select organ_id, year from organ_earlier_places where ${elsewhere}))`;
}

/** The condition that organ filters stand for today, over a table named `organs`. Ids that do not exist match nothing. */
export function organFilters(filters: OrganFilters): Condition {
  const conditions = ownFilters(filters);
  if (filters.division) conditions.push(isWithin('organs.place_code', filters.division));
  if (filters.under)
    conditions.push(sql`organs.id in (${subtreeOf(filters.under)}
      select subtree.id from subtree where (now() at time zone 'Asia/Shanghai')::date between subtree.valid_from and subtree.valid_to)`);
  return every(conditions);
}

/** The same at any time, of filters without a tree. */
export function organFiltersEver({ division, ...filters }: Omit<OrganFilters, 'under'>): Condition {
  const conditions = ownFilters(filters);
  if (division)
    conditions.push(sql`(${isWithin('organs.place_code', division)} or organs.id = any(array(
      select organ_id from organ_earlier_places where ${isWithin('organ_earlier_places.place_code', division)})))`);
  return every(conditions);
}

/** The same at the end of a year: of a pair of an organ and a year that is one of `years`, over a table named `organs`. */
export const organFiltersIn = (
  filters: OrganFilters,
  pair: RawBuilder<unknown>,
  years: readonly number[] | undefined,
): Condition => every([...ownFilters(filters), placeFilters(filters, pair, years)]);

/** Those of them that depend on the year. */
function placeFilters(
  filters: OrganFilters,
  pair: RawBuilder<unknown>,
  years: readonly number[] | undefined,
): Condition {
  const conditions: Condition[] = [];
  if (filters.division) conditions.push(stoodWithin(filters.division, pair));
  if (filters.under) conditions.push(sql`${pair} in (${subtreeYears(filters.under, years)})`);
  return every(conditions);
}

function ownFilters(filters: OrganFilters): Condition[] {
  const conditions: Condition[] = [];
  if (filters.organ_id) conditions.push(sql`organs.id = any(${filters.organ_id}::uuid[])`);
  if (filters.level) conditions.push(sql`organs.level = any(${filters.level}::text[])`);
  if (filters.kind) conditions.push(sql`organs.kind = any(${filters.kind}::text[])`);
  return conditions;
}

/**
 * The condition that report filters stand for, over tables named `reports`, `organs` and `revisions` joined to each
 * other. It does not say which revision: join the one you mean. A report without `published_on` is never `published_since`.
 */
export function reportFilters(filters: ReportFilters): Condition {
  const years = yearsOf(filters.year);
  const conditions = [organFiltersIn(filters, sql`(reports.organ_id, reports.year)`, years)];
  if (years) conditions.push(sql`reports.year = any(${years}::int[])`);
  return every([...conditions, documentFilters(filters)]);
}

/** Those of them that are about neither the organ nor the year. */
export function documentFilters(filters: Pick<ReportFilters, 'scope' | 'published_since' | 'q'>): Condition {
  const conditions: Condition[] = [];
  if (filters.scope) conditions.push(sql`reports.scope = any(${filters.scope}::text[])`);
  if (filters.published_since)
    conditions.push(sql`revisions.published_on >= ${filters.published_since}::date`);
  if (filters.q)
    conditions.push(any([contains(sql`organs.name`, filters.q), contains(sql`revisions.title`, filters.q)]));
  return every(conditions);
}
