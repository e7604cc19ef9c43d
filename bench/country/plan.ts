import { choosePlaces, type Division, type Place } from './divisions.ts';

/** How many organs each place has, and their numbers. Small enough to hand to every worker whole. */

/** First and last report year: the last one whose reports are all due. */
export const years = [2019, 2020, 2021, 2022, 2023, 2024, 2025] as const;

/** A place whose organs have the numbers from `first` on, its government the last of them. */
export interface Seat {
  place: Omit<Place, 'below'>;
  /** The city that the place lies in, as its branches are called after it. */
  above: string;
  first: number;
  /** How many organs beside the government and its office. */
  extras: number;
  /** The number of the government above; null for a province. */
  parent: number | null;
}

/** Everything in one province, whoever lies below before what it lies below; what one worker generates at a time. */
export interface Unit {
  seats: Seat[];
  organs: number;
}

/** Organs that file 1.2 million reports in these years: from so many on no division is left out. */
const wholeCountry = 177_000;
/** Missing reports take away what governments with two reports add. */
const reportsPerOrgan = years.length * 0.972;
/** Organs beside the government and its office: towns and streets, departments, branches, zones, institutions. */
const weights = { province: 48, city: 42, county: 52 } as const;

/** The number of the one organ at the top, which no province is below. */
export const nationalOffice = 0;

/** The plan of a country that files about so many reports. */
export function planCountry(divisions: readonly Division[], reports: number): Unit[] {
  const organs = Math.round(reports / reportsPerOrgan);
  // Provinces, cities and counties shrink together, each by the cube root; what is left over are organs of each place.
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
