import type { OrganKind, OrganLevel } from '../../src/editions/vocabulary.ts';
import { creditCheckOf, organisationCheckOf } from '../../src/organs/credit-code.ts';
import { governmentOf, nationalOffice, type Seat, type Unit } from './plan.ts';
import { around, type Below, chance, drawsOf, pick } from './random.ts';
import { branches, commissions, departments, institutions, offices, townName, zones } from './words.ts';

/** The organs of a country. */

export interface CountryOrgan {
  number: number;
  name: string;
  kind: OrganKind;
  level: OrganLevel;
  division_code: string | null;
  credit_code: string | null;
  /** The number of the organ whose consolidated report covers this one. */
  parent: number | null;
  /** Requests of a usual year. */
  volume: number;
  /** Whose figures it reports: its own, those of everything below it (`consolidated`), or both. */
  files: 'own' | 'consolidated' | 'both';
}

/**
 * A credit code, or null. 机关 (organs) are registered under 11, 事业单位 (public institutions) under 12. One body in
 * sixteen has no code.
 */
function creditCodeOf(number: number, kind: OrganKind, division_code: string): string | null {
  if (number % 16 === 7) return null;
  const organisation = String(number).padStart(8, '0');
  const authority = kind === 'public_institution' ? '12' : '11';
  const code = authority + division_code.slice(0, 6) + organisation + organisationCheckOf(organisation);
  return code + creditCheckOf(code);
}

export const national: CountryOrgan = {
  number: nationalOffice,
  name: '国务院办公厅',
  kind: 'general_office',
  level: 'national',
  division_code: null,
  credit_code: creditCodeOf(nationalOffice, 'general_office', '100000'),
  parent: null,
  volume: 900,
  files: 'own',
};

type Described = Pick<CountryOrgan, 'name' | 'kind' | 'division_code'> & { level?: OrganLevel };

const prefectures = ['地区', '盟'];
const governmentName = (place: string) =>
  prefectures.some((suffix) => place.endsWith(suffix)) ? `${place}行政公署` : `${place}人民政府`;

const everyDepartment = [...departments, ...commissions];
const extraKinds = {
  department(seat: Seat, index: number): Described {
    const { division, full_name } = seat.place;
    const rounds = Math.floor(index / everyDepartment.length);
    const name = everyDepartment[index % everyDepartment.length]!;
    // A municipality is a province whose departments are named like those of a city.
    const isProvince = division.level === 'province' && !division.name.endsWith('市');
    const own = isProvince && offices.has(name) ? `${name.slice(0, -1)}厅` : name;
    const suffix = rounds === 0 ? '' : `第${rounds}分支机构`;
    return { name: full_name + own + suffix, kind: 'department', division_code: division.code };
  },
  town(seat: Seat, index: number): Described {
    const { division, full_name } = seat.place;
    const isStreet = division.name.endsWith('区') ? index % 4 !== 3 : index % 4 === 0;
    const name = full_name + townName(index, Number(division.code) % 1000);
    return {
      name: isStreet ? `${name}街道办事处` : `${name}${index % 3 === 0 ? '乡' : '镇'}人民政府`,
      kind: isStreet ? 'subdistrict' : 'government',
      level: 'town',
      division_code: division.code + String(index + 1).padStart(3, '0'),
    };
  },
  // A branch of a department one level up, such as 省生态环境局 for a city and 市公安局 for a district. A province has branches
  // of its own.
  branch({ place: { division, full_name }, above }: Seat, index: number): Described {
    const line = branches[index % branches.length]!;
    const round = Math.floor(index / branches.length) + 1;
    const name =
      above === ''
        ? `${full_name}${line}直属第${round}分局`
        : `${above}${line}${division.name}${round === 1 ? '' : `第${round}`}分局`;
    return { name, kind: 'branch', division_code: division.code };
  },
  // A zone has no code of its own. About every second one uses that of the place that made it; the others have none.
  zone(seat: Seat, index: number): Described {
    const { division, full_name } = seat.place;
    const code = (seat.first + index) % 2 === 0 ? division.code : null;
    const name = `${full_name}${zones[index % zones.length]!}管理委员会`;
    return { name, kind: 'development_zone', division_code: code };
  },
  institution(seat: Seat, index: number): Described {
    const { division, full_name } = seat.place;
    const name = full_name + institutions[index % institutions.length]!;
    return { name, kind: 'public_institution', division_code: division.code };
  },
} satisfies Record<string, (seat: Seat, index: number) => Described>;
type Extra = keyof typeof extraKinds;

/** The order in which a place's organs are taken, over and over. Only counties have towns. */
const countyOrder = [
  ...['department', 'town', 'department', 'town', 'department', 'branch', 'town', 'department', 'department'],
  ...['department', 'institution', 'town', 'department', 'department', 'town', 'zone', 'department', 'town'],
  ...['branch', 'department'],
] as const;
const upperOrder = [
  ...['department', 'department', 'department', 'institution', 'department', 'department', 'branch'],
  ...['department', 'department', 'zone', 'department', 'department'],
] as const;

/** Requests of a usual organ in a year. */
const volumes: Record<OrganLevel, Partial<Record<OrganKind, number>> & { else: number }> = {
  national: { else: 900 },
  province: { general_office: 320, government: 320, department: 60, else: 12 },
  city: { general_office: 90, government: 90, department: 16, else: 5 },
  county: { general_office: 25, government: 25, department: 5, branch: 4, development_zone: 4, else: 1 },
  town: { else: 1.5 },
};

function usualVolume(below: Below, { kind, level }: Pick<CountryOrgan, 'kind' | 'level'>): number {
  const usual = volumes[level][kind] ?? volumes[level].else;
  // Few organs get most of the requests.
  return usual * pick(below, [0, 0.3, 0.5, 0.8, 1, 1, 1.5, 3.5]);
}

/** The share of governments that consolidate, and the share of these that also file their own figures. */
const consolidating = 0.7;
const filingBoth = 0.25;

const filingOf = (below: Below, isSeat: boolean): CountryOrgan['files'] =>
  !isSeat || !chance(below, consolidating) ? 'own' : chance(below, filingBoth) ? 'both' : 'consolidated';

function* organsOfSeat(seat: Seat, seed: number): Generator<CountryOrgan> {
  const { place, first, extras } = seat;
  const { division, full_name } = place;
  const government = governmentOf(seat);
  const finished = (number: number, described: Described, parent: number | null): CountryOrgan => {
    const below = drawsOf(seed, number, 1);
    const credit_code = creditCodeOf(number, described.kind, division.code);
    const organ = { number, level: division.level as OrganLevel, ...described, credit_code, parent };
    const files = filingOf(below, number === government);
    return { ...organ, volume: around(below, usualVolume(below, organ) * 8) / 8, files };
  };
  const order: readonly Extra[] = division.level === 'county' ? countyOrder : upperOrder;
  const taken: Record<string, number> = {};
  for (let i = 0; i < extras; i++) {
    const extra = order[i % order.length]!;
    const index = taken[extra] ?? 0;
    taken[extra] = index + 1;
    yield finished(first + i, extraKinds[extra](seat, index), government);
  }
  const office = `${governmentName(full_name)}办公${division.level === 'province' ? '厅' : '室'}`;
  const code = { division_code: division.code };
  yield finished(government - 1, { name: office, kind: 'general_office', ...code }, government);
  const name = governmentName(full_name);
  yield finished(government, { name, kind: 'government', ...code }, seat.parent);
}

/** The organs of a province, each before the one above it. */
export function* organsOf(unit: Unit, seed: number): Generator<CountryOrgan> {
  for (const seat of unit.seats) yield* organsOfSeat(seat, seed);
}
