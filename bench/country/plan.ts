import { choosePlaces, type Division, type Place } from './divisions.ts';

/**
 * How many organs each place has, and their numbers. A plan is small, so it is made whole and then handed to workers
 * unit by unit.
 */

/** The report years. The last one is the latest year whose reports are all due. */
export const years = [2019, 2020, 2021, 2022, 2023, 2024, 2025] as const;

/** A place with its organs. Their numbers begin with `first` and end with that of the government. */
export interface Seat {
  place: Omit<Place, 'below'>;
  /** The full name of the place above, with which the names of branches begin; empty for a province. */
  above: string;
  first: number;
  /** How many organs it has besides the government and its office. */
  extras: number;
  /** The number of the government above; null for a province. */
  parent: number | null;
}

/** All places of one province, each before the one above it. A worker generates one unit at a time. */
export interface Unit {
  seats: Seat[];
  organs: number;
}

/** So many organs file 1.2 million reports in these years. A country of this size or more has all divisions. */
const wholeCountry = 177_000;
/**
 * Reports that an organ files on average. Missing reports take away slightly more than governments with two reports
 * add.
 */
const reportsPerOrgan = years.length * 0.972;
/**
 * How the organs besides governments and their offices are shared out (towns and streets, departments, branches,
 * zones, institutions): the weight of a place by its level.
 */
const weights = { province: 48, city: 42, county: 52 } as const;

/** The number of the only national organ. No province is below it. */
export const nationalOffice = 0;

/** Plans a country that files about so many reports. */
export function planCountry(divisions: readonly Division[], reports: number): Unit[] {
  const organs = Math.round(reports / reportsPerOrgan);
  // Provinces, cities and counties shrink together, each by the cube root. The organs that are left are shared out
  // among the places.
  const places = choosePlaces(divisions, Math.min(1, (organs / wholeCountry) ** (1 / 3)));
  const all = places.flatMap(function listed(place): Place[] {
    return [...place.below.flatMap(listed), place];
  });
  const weight = all.reduce((sum, { division }) => sum + weights[division.level], 0);
  const spare = Math.max(0, organs - 1 - 2 * all.length);
  let [next, passed, given] = [nationalOffice + 1, 0, 0];
  const seatsOf = ({ below, ...place }: Place, above: string): Seat[] => {
    const lower = below.map((each) => seatsOf(each, place.full_name));
    passed += weights[place.division.level];
    const extras = Math.floor((spare * passed) / weight) - given;
    given += extras;
    const seat: Seat = { place, above, first: next, extras, parent: null };
    next += extras + 2;
    for (const seats of lower) seats.at(-1)!.parent = governmentOf(seat);
    return [...lower.flat(), seat];
  };
  return places.map((province) => {
    const seats = seatsOf(province, '');
    return { seats, organs: seats.reduce((sum, { extras }) => sum + extras + 2, 0) };
  });
}

/** The number of a place's government. */
export const governmentOf = ({ first, extras }: Seat): number => first + extras + 1;
