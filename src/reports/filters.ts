import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type Static, Type } from 'typebox';
import type { Fault } from '../editions/form-faults.ts';
import { kindKeys, levelKeys, scopeKeys } from '../editions/vocabulary.ts';
import { refuseFaults } from '../http/problem.ts';
import { keys, several } from '../http/schema-parts.ts';
import type { Meaning } from '../http/validation.ts';

/**
 * The filters that all lists of organs or reports share: members to spread into a querystring schema, and the SQL
 * conditions that they stand for. The values of one member are alternatives; all members must match.
 */

/** Filters for organs. The query must have the table `organs` under its own name. */
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

/** Filters for reports: by their organ, by their own members and by what was published. */
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

/**
 * The tables that the conditions of filters read: each report with its organ and its effective revision, under their
 * own names.
 */
export const effectiveReports = sql`reports
  join organs on organs.id = reports.organ_id
  join revisions on revisions.report_id = reports.id and revisions.state = 'published'`;

/**
 * The division code of where a report's organ stood at the end of the report's year, or null. The query must read
 * `reports` and `organs`, with `joinPlaces` after them. An organ without a division stands where the one above it
 * does.
 */
export const placeCode = sql<string | null>`nullif(coalesce(earlier.place_code, organs.place_code), '')`;
export const joinPlaces = sql`left join organ_earlier_places as earlier
  on earlier.organ_id = reports.organ_id and earlier.year = reports.year`;

/** All of the conditions; true where there are none. */
export const every = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` and `)})`;

/** Any of the conditions. There must be at least one. */
const any = (conditions: readonly Condition[]): Condition => sql`(${sql.join(conditions, sql` or `)})`;

/** The `like` pattern that finds a text anywhere. */
export const patternOf = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/**
 * Whether a column contains a text, whatever the case of its letters. A text without upper and lower case, such as
 * Chinese, is searched for as it stands, which takes a fraction of the time.
 */
export function contains(column: RawBuilder<unknown>, text: string): Condition {
  const pattern = patternOf(text);
  return text.toLowerCase() === text.toUpperCase()
    ? sql`${column} like ${pattern}`
    : sql`${column} ilike ${pattern}`;
}

/**
 * The digits with which every code in the area of a division begins. `321300` and `3213` mean one city, `320000` and
 * `32` one province.
 */
export function divisionPrefix(code: string): string {
  const county = code.length === 9 && code.endsWith('000') ? code.slice(0, 6) : code;
  return county.length === 9 ? county : county.replace(/(00)+$/, '');
}

/**
 * A CTE `subtree (id, valid_from, valid_to)`: these organs and everything below them, over time. An organ belongs to
 * the tree while every link up to the root holds. The recursion ends even where parents run in a circle. It walks
 * from organ to organ, because a join would read all organs at each step.
 */
export const subtreeOf = (ids: readonly string[]): RawBuilder<unknown> => sql`with recursive subtree as (
    select roots.id, date '-infinity' as valid_from, date 'infinity' as valid_to
    from organs as roots where roots.id = any(${ids}::uuid[])
    union
    select below.organ_id, greatest(below.valid_from, subtree.valid_from), least(below.valid_to, subtree.valid_to)
    from subtree, lateral (select * from organ_parents as parents where parents.parent_id = subtree.id
      and parents.valid_from <= subtree.valid_to and parents.valid_to >= subtree.valid_from offset 0) as below
  )`;

/** Every year that a report can be about by now: from 2019 to the year after this one. */
const everyYear = sql`generate_series(2019, extract(year from now() at time zone 'Asia/Shanghai')::int + 1)`;

/** Rows of an organ's id and a year at whose end the organ was in one of these trees. */
const subtreeYears = (
  ids: readonly string[],
  years: readonly number[] | undefined,
): RawBuilder<unknown> => sql`${subtreeOf(ids)}
      select subtree.id, years.year from subtree
        join ${years ? sql`unnest(${years}::int[])` : everyYear} as years (year)
          on make_date(years.year, 12, 31) between subtree.valid_from and subtree.valid_to`;

/** The first and last year of a range. A single year is both. */
const endsOf = (text: string): [number, number] => {
  const [first = 0, last = first] = text.split('..').map(Number);
  return [first, last];
};

/** The faults of ranges of years that run backwards. */
export const backwards = (year: readonly string[]): Fault[] =>
  year.flatMap((text, index) => {
    const [first, last] = endsOf(text);
    const message = `${text} runs backwards: write ${last}..${first}`;
    return first > last ? [{ pointer: `/year/${index}`, code: 'range', message }] : [];
  });

/** The check that the schemas of `reportQuery` cannot express. */
export const reportMeaning: Meaning = { faults: ({ year }) => backwards((year ?? []) as string[]) };

/**
 * The years that a filter names, each once and in order; undefined where it names none. Problem `invalid-request`
 * (400) where a range runs backwards.
 */
export function yearsOf(year: ReportFilters['year']): number[] | undefined {
  if (year === undefined) return undefined;
  const errors = backwards(year).map((fault) => ({ in: 'query' as const, ...fault }));
  refuseFaults(errors);
  const years = new Set<number>();
  for (const [first, last] of year.map(endsOf)) for (let each = first; each <= last; each++) years.add(each);
  return [...years].sort((a, b) => a - b);
}

/** Whether a column holds a code in one of these areas. */
export const isWithin = (column: string, division: readonly string[]): Condition =>
  any(division.map((code) => sql`${sql.ref(column)} like ${`${divisionPrefix(code)}%`}`));

/**
 * Whether an organ stood in one of these areas at the end of a year. `pair` is SQL for `(organ id, year)`. Its organ
 * must be that of the table `organs`.
 */
function stoodWithin(division: readonly string[], pair: RawBuilder<unknown>): Condition {
  const elsewhere = isWithin('organ_earlier_places.place_code', division);
  // Each side of the `or` restricts `organs` itself, so that an index finds the organs.
  return sql`(
    ${isWithin('organs.place_code', division)}
      and ${pair} not in (select organ_id, year from organ_earlier_places)
    or organs.id = any(array(select organ_id from organ_earlier_places where ${elsewhere}))
      and ${pair} in (select organ_id, year from organ_earlier_places where ${elsewhere}))`;
}

/**
 * The condition that an organ matches the filters today, over a table `organs`. Ids that do not exist match nothing.
 */
export function organFilters(filters: OrganFilters): Condition {
  const conditions = ownFilters(filters);
  if (filters.division) conditions.push(isWithin('organs.place_code', filters.division));
  if (filters.under)
    conditions.push(sql`organs.id in (${subtreeOf(filters.under)}
      select subtree.id from subtree where (now() at time zone 'Asia/Shanghai')::date between subtree.valid_from and subtree.valid_to)`);
  return every(conditions);
}

/** The condition that an organ matches at any time, for filters without `under`. */
export function organFiltersEver({ division, ...filters }: Omit<OrganFilters, 'under'>): Condition {
  const conditions = ownFilters(filters);
  if (division)
    conditions.push(sql`(${isWithin('organs.place_code', division)} or organs.id = any(array(
      select organ_id from organ_earlier_places where ${isWithin('organ_earlier_places.place_code', division)})))`);
  return every(conditions);
}

/**
 * The condition that an organ matches at the end of a year, over a table `organs`. `pair` is SQL for `(organ id,
 * year)`. `years` are all years that can occur in it; undefined where it can be any year.
 */
export const organFiltersIn = (
  filters: OrganFilters,
  pair: RawBuilder<unknown>,
  years: readonly number[] | undefined,
): Condition => every([...ownFilters(filters), placeFilters(filters, pair, years)]);

/** The condition for the filters that depend on the year: `division` and `under`. */
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
 * The condition that a report matches the filters, over the joined tables `reports`, `organs` and `revisions`. It
 * does not say which revision: join the one that you mean. A report without `published_on` never matches
 * `published_since`. Problem `invalid-request` (400) where a range of years runs backwards.
 */
export function reportFilters(filters: ReportFilters): Condition {
  const years = yearsOf(filters.year);
  const conditions = [organFiltersIn(filters, sql`(reports.organ_id, reports.year)`, years)];
  if (years) conditions.push(sql`reports.year = any(${years}::int[])`);
  return every([...conditions, documentFilters(filters)]);
}

/** The condition for the filters of reports other than the filters for organs and `year`. */
export function documentFilters(filters: Pick<ReportFilters, 'scope' | 'published_since' | 'q'>): Condition {
  const conditions: Condition[] = [];
  if (filters.scope) conditions.push(sql`reports.scope = any(${filters.scope}::text[])`);
  if (filters.published_since)
    conditions.push(sql`revisions.published_on >= ${filters.published_since}::date`);
  if (filters.q)
    conditions.push(any([contains(sql`organs.name`, filters.q), contains(sql`revisions.title`, filters.q)]));
  return every(conditions);
}
