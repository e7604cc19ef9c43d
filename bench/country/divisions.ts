import type { Db } from '../../src/db/database.ts';

/** The divisions of the country, and how many of them a smaller country takes. */

export interface Division {
  code: string;
  name: string;
  level: 'province' | 'city' | 'county';
  parent_code: string | null;
}

/** A chosen division with those chosen below it. */
export interface Place {
  division: Division;
  /** How the names of the place's organs begin: 宿迁市宿城区, 沭阳县. */
  full_name: string;
  below: Place[];
}

/** Taiwan, Hong Kong and Macau, where the regulation on open government information does not apply. */
const withoutReports = ['71', '81', '82'];

/** The divisions in force, by code. */
export async function listDivisions(db: Db): Promise<Division[]> {
  const divisions = await db
    .selectFrom('divisions')
    .select(['code', 'name', 'level', 'parent_code'])
    .where('valid_to', 'is', null)
    .orderBy('code')
    .execute();
  return (divisions as Division[]).filter(({ code }) => !withoutReports.includes(code.slice(0, 2)));
}

/**
 * How the names of a division's organs begin. Districts are known by their city; counties and county-level cities by
 * themselves.
 */
const fullName = ({ name }: Division, above: Division | undefined) =>
  above !== undefined && name.endsWith('区') && !name.endsWith('自治区') ? above.name + name : name;

/** A `share` (0 to 1) of the children, spread evenly over them. At least one, if there are any. */
const spread = <T>(all: readonly T[], share: number): T[] => {
  const wanted = Math.min(all.length, Math.max(1, Math.round(all.length * share)));
  return Array.from({ length: wanted }, (_, i) => all[Math.floor((i * all.length) / wanted)]!);
};

/** The provinces with their cities and counties. At each level only a `share` (0 to 1) of the children is taken. */
export function choosePlaces(divisions: readonly Division[], share: number): Place[] {
  const children = Map.groupBy(divisions, (division) => division.parent_code);
  const placesIn = (above: Division | undefined): Place[] =>
    spread(children.get(above?.code ?? null) ?? [], share).map((division) => ({
      division,
      full_name: fullName(division, above),
      below: placesIn(division),
    }));
  return placesIn(undefined);
}
