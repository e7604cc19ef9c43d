import type { Value } from '../aggregates/table.ts';
import { editionKeys } from '../editions/index.ts';
import { kindKeys, levelKeys } from '../editions/vocabulary.ts';
import type { Place, Register } from './register.ts';

/**
 * Numbers the groups of an answer in the order in which they are met. There may be a million, so the values of a
 * group's keys are the digits of one number, its code.
 */

/** A digit of the code. Province, city and county together are one digit, whichever of them are asked for. */
interface Digit {
  unit: number;
  /** Adds the digit of each report, times `unit`, to the code of its group. */
  add: (codes: Float64Array, unit: number, reports: Reports) => void;
}

/** Some reports of one year. */
interface Reports {
  year: number;
  organs: Int32Array;
  /** The edition of each report, as its place in `editionKeys`; undefined where no group depends on it. */
  editions?: Int32Array | undefined;
}

/** A digit that is looked up in an array by the number of the organ. */
const byOrgan =
  (numbers: ArrayLike<number>): Digit['add'] =>
  (codes, unit, { organs }) => {
    for (let report = 0; report < organs.length; report++) codes[report]! += unit * numbers[organs[report]!]!;
  };

/** Up to this many codes, groups are looked up in an array; where there may be more, in a map. */
const fewNumbers = 1_000_000;

/** A wider range of years than reports can be of: `base` years from `first` on. */
const years = { first: 2000, base: 200 };

/**
 * Places with the same values of some keys have the same number. `numbered` has it by place, `examples` one place by
 * number.
 */
interface Alike {
  numbered: Int32Array;
  examples: Place[];
}

/** What was worked out for the places of a register, by keys. They never change. */
const known = new WeakMap<readonly Place[], Map<string, Alike>>();

function alike(places: readonly Place[], keys: readonly (keyof Place)[]): Alike {
  const ofPlaces = known.get(places) ?? new Map<string, Alike>();
  known.set(places, ofPlaces);
  const made = ofPlaces.get(keys.join()) ?? numberAlike(places, keys);
  ofPlaces.set(keys.join(), made);
  return made;
}

function numberAlike(places: readonly Place[], keys: readonly (keyof Place)[]): Alike {
  const numbers = new Map<string, number>();
  const examples: Place[] = [];
  const numbered = new Int32Array(places.length);
  for (const [index, place] of places.entries()) {
    const name = keys.map((key) => place[key]).join(' ');
    const number = numbers.get(name) ?? examples.push(place) - 1;
    numbers.set(name, number);
    numbered[index] = number;
  }
  return { numbered, examples };
}

const ofPlaces = (keys: readonly string[]) =>
  (['province', 'city', 'county'] as const).filter((key) => keys.includes(key));

export class Groups {
  /** The code of each group. */
  readonly #codes: number[] = [];
  /** The most groups that there may be. */
  readonly most: number;
  /**
   * Each code's group plus one, 0 where it was not met: in an array where there are few codes. Otherwise `#met` has
   * those met.
   */
  readonly #all: Int32Array | undefined;
  readonly #met = new Map<number, number>();
  readonly #digits: readonly Digit[];
  readonly #values: Readonly<Record<string, (code: number) => Value>>;
  /** Whether each report that is added up is a group of its own, so that no group needs to be looked up. */
  readonly #areReports: boolean;

  constructor(register: Register, keys: readonly string[]) {
    const digits: Digit[] = [];
    const values: Record<string, (code: number) => Value> = {};
    let unit = 1;
    const addDigit = (
      base: number,
      add: Digit['add'],
      valuesOf: Readonly<Record<string, (digit: number) => Value>>,
    ) => {
      const own = unit;
      digits.push({ unit: own, add });
      for (const [key, valueIn] of Object.entries(valuesOf))
        values[key] = (code) => valueIn(Math.floor(code / own) % base);
      unit *= base;
    };
    const places = ofPlaces(keys);
    if (places.length > 0) {
      const { numbered, examples } = alike(register.places, places);
      addDigit(
        examples.length,
        (codes, own, { year, organs }) => {
          const placesIn = register.placesIn(year);
          for (let report = 0; report < organs.length; report++)
            codes[report]! += own * numbered[placesIn[organs[report]!]!]!;
        },
        Object.fromEntries(places.map((key) => [key, (digit: number) => examples[digit]![key]])),
      );
    }
    if (keys.includes('level'))
      addDigit(levelKeys.length, byOrgan(register.level), { level: (digit) => levelKeys[digit]! });
    if (keys.includes('kind'))
      addDigit(kindKeys.length, byOrgan(register.kind), { kind: (digit) => kindKeys[digit]! });
    if (keys.includes('edition'))
      addDigit(
        editionKeys.length,
        (codes, own, { editions }) => {
          for (let report = 0; report < codes.length; report++) codes[report]! += own * editions![report]!;
        },
        { edition: (digit) => editionKeys[digit]! },
      );
    if (keys.includes('year'))
      addDigit(
        years.base,
        (codes, own, { year }) => {
          const added = own * (year - years.first);
          for (let report = 0; report < codes.length; report++) codes[report]! += added;
        },
        { year: (digit) => digit + years.first },
      );
    if (keys.includes('organ'))
      addDigit(
        Math.max(1, register.size),
        (codes, own, { organs }) => {
          for (let report = 0; report < codes.length; report++) codes[report]! += own * organs[report]!;
        },
        { organ: (digit) => digit },
      );
    this.#digits = digits;
    this.#values = values;
    this.#areReports = keys.includes('organ') && keys.includes('year');
    this.most = unit;
    this.#all = unit <= fewNumbers ? new Int32Array(unit) : undefined;
  }

  get height(): number {
    return this.#codes.length;
  }

  /** The group of each report. */
  of(reports: Reports): Int32Array {
    const codes = new Float64Array(reports.organs.length);
    for (const { unit, add } of this.#digits) add(codes, unit, reports);
    const groups = new Int32Array(codes.length);
    for (let report = 0; report < codes.length; report++) groups[report] = this.#groupOf(codes[report]!);
    return groups;
  }

  #groupOf(code: number): number {
    if (this.#areReports) return this.#codes.push(code) - 1;
    const known = this.#all ? this.#all[code]! : (this.#met.get(code) ?? 0);
    if (known > 0) return known - 1;
    const group = this.#codes.push(code);
    if (this.#all) this.#all[code] = group;
    else this.#met.set(code, group);
    return group - 1;
  }

  /** The value of a key by group; for `organ` the organ's number in the register. */
  at(key: string): (group: number) => Value {
    const valueIn = this.#values[key]!;
    return (group) => valueIn(this.#codes[group]!);
  }
}

/**
 * How organs are divided: all are in `one` group, each is a group of its own (`organs`), or the number of each one's
 * group.
 */
export type OrganGroups = 'one' | 'organs' | Int32Array;

/** How these keys divide organs, by year. */
export function organGroups(register: Register, keys: readonly string[]): (year: number) => OrganGroups {
  if (keys.includes('organ')) return () => 'organs';
  const places = ofPlaces(keys);
  const [byLevel, byKind] = [keys.includes('level'), keys.includes('kind')];
  if (places.length === 0 && !byLevel && !byKind) return () => 'one';
  const { numbered } = alike(register.places, places);
  const { level, kind } = register;
  return (year) => {
    const placesIn = register.placesIn(year);
    const numbers = new Int32Array(register.size);
    for (let organ = 0; organ < numbers.length; organ++) {
      let number = numbered[placesIn[organ]!]!;
      if (byLevel) number = number * levelKeys.length + level[organ]!;
      if (byKind) number = number * kindKeys.length + kind[organ]!;
      numbers[organ] = number;
    }
    return numbers;
  };
}
