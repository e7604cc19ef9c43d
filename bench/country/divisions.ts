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
  /** As an organ of the place begins its name: 宿迁市宿城区, 沭阳县. */
  full_name: string;
  below: Place[];
}

/** Taiwan, Hong Kong and Macau: the regulation on open government information does not reach them. */
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

/** Districts are known by their city; counties and county-level cities by themselves. */
const fullName = ({ name }: Division, above: Division | undefined) =>
  above !== undefined && name.endsWith('区') && !name.endsWith('自治区') ? above.name + name : name;

/** `share` of the children, at least one, spread evenly over them. */
const spread = <T>(all: readonly T[], share: number): T[] => {
  const wanted = Math.min(all.length, Math.max(1, Math.round(all.length * share)));
  return Array.from({ length: wanted }, (_, i) => all[Math.floor((i * all.length) / wanted)]!);
};

/** The provinces with their cities and counties; of each level's children `share` (0 to 1). */
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
