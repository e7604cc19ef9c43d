import { firstReportYear } from '../editions/index.ts';
import { idSize } from './copied.ts';

/**
 * All organs, numbered in the order of their ids, with what does not depend on reports: where each stood in which
 * year, and under which organ. A country has some 150,000 organs, which take 15 MB. The register is kept until an
 * organ changes.
 */

/**
 * A place where organs stand: its division code, and the codes that answers are grouped by, null where there is none.
 */
export interface Place {
  code: string;
  province: string | null;
  city: string | null;
  county: string | null;
}

/** Stands for no organ. */
export const none = -1;

/** A year after all others, for what has not ended. */
export const never = 9999;

/** A value that an organ had on the last day of each year from `from` to `to`. */
interface Period {
  organ: number;
  value: number;
  from: number;
  to: number;
}

/** What is read from the database: organs in the order of their ids, and what was different in earlier years. */
export interface Read {
  /**
   * The ids as bytes, one after the other; and likewise the ids of the organs above, with zero bytes where there is
   * none.
   */
  ids: Buffer;
  parents: Buffer;
  /** The first year of each organ's link to the organ above it; 0 where it is as old as is known. */
  linked: Int16Array;
  /** Division codes as numbers; 0 where there is none. */
  placeCodes: readonly number[];
  level: Uint8Array;
  kind: Uint8Array;
  beganIn: Int16Array;
  goneIn: Int16Array;
  cities: ReadonlySet<string>;
  earlierParents: { id: string; parent: string; valid_from: string | null; valid_to: string }[];
  earlierPlaces: { id: string; year: number; place_code: string }[];
}

export class Register {
  readonly size: number;
  readonly places: readonly Place[];
  readonly level: Uint8Array;
  readonly kind: Uint8Array;
  readonly #beganIn: Int16Array;
  readonly #goneIn: Int16Array;
  /** The ids one after the other, as bytes and as words of four bytes. */
  readonly #ids: Buffer;
  readonly #words: Int32Array;
  readonly #one = new Uint8Array(idSize);
  readonly #oneAsWords = new Int32Array(this.#one.buffer);
  /** A hash table by id with the number of each organ plus one; 0 where a slot is free. */
  readonly #numbers: Int32Array;
  readonly #parents: (year: number) => Int32Array;
  readonly #places: (year: number) => Int32Array;

  constructor(read: Read) {
    const { ids, parents, linked, placeCodes, earlierParents, earlierPlaces } = read;
    const size = ids.length / idSize;
    this.size = size;
    this.#words = new Int32Array(4 * size);
    this.#ids = Buffer.from(this.#words.buffer);
    this.#ids.set(ids);
    this.level = read.level;
    this.kind = read.kind;
    this.#beganIn = read.beganIn;
    this.#goneIn = read.goneIn;
    this.#numbers = new Int32Array(2 ** Math.ceil(Math.log2(2 * size + 2)));
    for (let organ = 0; organ < size; organ++)
      this.#numbers[this.#slotOf(this.#words, 4 * organ)] = organ + 1;
    const { places, placeOf } = placing(read.cities);
    const links: Period[] = earlierParents.map(({ id, parent, valid_from, valid_to }) => ({
      organ: this.numberOf(id),
      value: this.numberOf(parent),
      from: yearOfDay(valid_from),
      to: lastYear(valid_to),
    }));
    const parentsNow = new Int32Array(size);
    for (let organ = 0; organ < size; organ++) {
      const value = this.numberAt(parents, organ * idSize);
      const isOld = linked[organ]! <= firstReportYear;
      parentsNow[organ] = isOld ? value : none;
      if (!isOld && value !== none) links.push({ organ, value, from: linked[organ]!, to: never });
    }
    this.#parents = yearly(parentsNow, links);
    const stood = earlierPlaces.map(({ id, year, place_code }) => ({
      organ: this.numberOf(id),
      value: placeOf(Number(place_code)),
      from: year,
      to: year,
    }));
    this.#places = yearly(Int32Array.from(placeCodes, placeOf), stood);
    this.places = places;
  }

  /** Whether an organ has the id whose four words begin here. */
  #isAt(organ: number, words: Int32Array, at: number): boolean {
    const [ids, place] = [this.#words, 4 * organ];
    return (
      ids[place + 3] === words[at + 3] &&
      ids[place + 2] === words[at + 2] &&
      ids[place + 1] === words[at + 1] &&
      ids[place] === words[at]
    );
  }

  /** The slot in `#numbers` of the id whose four words begin here, or the free slot where it would go. */
  #slotOf(words: Int32Array, at: number): number {
    const numbers = this.#numbers;
    const mask = numbers.length - 1;
    // The last bits of an id are random, whatever kind of id it is.
    let slot = (words[at + 3]! ^ (words[at + 2]! >>> 7) ^ (words[at]! << 5)) & mask;
    while (numbers[slot] !== 0 && !this.#isAt(numbers[slot]! - 1, words, at)) slot = (slot + 1) & mask;
    return slot;
  }

  /** The number of the organ whose id begins here, or `none`. */
  numberAt(bytes: Buffer, at: number): number {
    this.#one.set(bytes.subarray(at, at + idSize));
    return this.#numbers[this.#slotOf(this.#oneAsWords, 0)]! - 1;
  }

  /** The numbers of `amount` organs whose ids stand one after the other from `first` on; `none` for an unknown id. */
  numbersIn(data: Buffer, first: number, amount: number): Int32Array {
    const words = new Int32Array(amount * 4);
    new Uint8Array(words.buffer).set(data.subarray(first, first + amount * idSize));
    const numbers = new Int32Array(amount);
    // Ids come in order, so the next number is mostly right as a guess. It also means that memory is read in order.
    let guess = 0;
    for (let place = 0; place < amount; place++) {
      const at = 4 * place;
      const number = this.#isAt(guess, words, at) ? guess : this.#numbers[this.#slotOf(words, at)]! - 1;
      numbers[place] = number;
      guess = number + 1;
    }
    return numbers;
  }

  numberOf(id: string): number {
    return this.numberAt(Buffer.from(id.replaceAll('-', ''), 'hex'), 0);
  }

  idOf(organ: number): string {
    const hex = this.#ids.toString('hex', organ * idSize, (organ + 1) * idSize);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** Whether an organ existed in a year: from the year in which it began to the year in which it was abolished. */
  wasThere(organ: number, year: number): boolean {
    return this.#beganIn[organ]! <= year && year <= this.#goneIn[organ]!;
  }

  /** The organ above each organ on the last day of a year, or `none`. */
  parentsIn(year: number): Int32Array {
    return this.#parents(year);
  }

  /** Where each organ stood on the last day of a year, as an index of `places`. */
  placesIn(year: number): Int32Array {
    return this.#places(year);
  }
}

/** The values of organs by year: `values`, except in the years of a period, which have the value of the period. */
function yearly(values: Int32Array, periods: readonly Period[]): (year: number) => Int32Array {
  const made = new Map<number, Int32Array>();
  return (year) => {
    const known = made.get(year);
    if (known) return known;
    const ofYear = periods.filter(({ from, to }) => from <= year && year <= to);
    const changed = ofYear.length === 0 ? values : values.slice();
    for (const { organ, value } of ofYear) changed[organ] = value;
    made.set(year, changed);
    return changed;
  };
}

/** Numbers places in the order in which their codes are met. */
function placing(cities: ReadonlySet<string>) {
  const places: Place[] = [];
  const numbers = new Map<number, number>();
  const placeOf = (number: number): number => {
    const known = numbers.get(number);
    if (known !== undefined) return known;
    const code = number === 0 ? '' : String(number);
    const city = `${code.slice(0, 4)}00`;
    numbers.set(number, places.length);
    return (
      places.push({
        code,
        province: code === '' ? null : `${code.slice(0, 2)}0000`,
        city: cities.has(city) ? city : null,
        county: code === '' || code.slice(4, 6) === '00' ? null : code.slice(0, 6),
      }) - 1
    );
  };
  return { places, placeOf };
}

/**
 * The first and the last year on whose last day something held, given the first and the last day on which it held.
 */
const yearOfDay = (day: string | null): number => (day === null ? firstReportYear : Number(day.slice(0, 4)));
const lastYear = (day: string | null): number =>
  day === null ? never : Number(day.slice(0, 4)) - (day.slice(5) === '12-31' ? 0 : 1);
