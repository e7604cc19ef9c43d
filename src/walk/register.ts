import { firstReportYear } from '../editions/index.ts';
import { idSize } from './copied.ts';

/**
 * All organs, numbered in the order of their ids, with what never depends on a report: where they stand in which year and
 * under whom. A country has some 150,000, which is 15 MB; kept until an organ changes.
 */

/** Where organs stand: the code, and what answers group by, null where there is none. */
export interface Place {
  code: string;
  province: string | null;
  city: string | null;
  county: string | null;
}

/** No organ. */
export const none = -1;

/** A year after all. */
export const never = 9999;

/** What held of an organ from one year to another, on the last day of each. */
interface Period {
  organ: number;
  value: number;
  from: number;
  to: number;
}

/** What is read of the database: organs in the order of their ids, and what was otherwise in earlier years. */
export interface Read {
  /** Bytes of ids, one after the other, and of the ids of the organs above, or 0. */
  ids: Buffer;
  parents: Buffer;
  /** The first year of those links that have not always been there. */
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
  /** Ids one after the other, as bytes and as words. */
  readonly #ids: Buffer;
  readonly #words: Int32Array;
  readonly #one = new Uint8Array(idSize);
  readonly #oneAsWords = new Int32Array(this.#one.buffer);
  /** Numbers by the hash of the id, one more than they are; 0 where there is none. */
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

  /** Whether an organ has the id of which the words begin here. */
  #isAt(organ: number, words: Int32Array, at: number): boolean {
    const [ids, place] = [this.#words, 4 * organ];
    return (
      ids[place + 3] === words[at + 3] &&
      ids[place + 2] === words[at + 2] &&
      ids[place + 1] === words[at + 1] &&
      ids[place] === words[at]
    );
  }

  /** Where the number of an id stands, or would: by its four words, from one on. */
  #slotOf(words: Int32Array, at: number): number {
    const numbers = this.#numbers;
    const mask = numbers.length - 1;
    // The ends of ids are of chance, whatever made them.
    let slot = (words[at + 3]! ^ (words[at + 2]! >>> 7) ^ (words[at]! << 5)) & mask;
    while (numbers[slot] !== 0 && !this.#isAt(numbers[slot]! - 1, words, at)) slot = (slot + 1) & mask;
    return slot;
  }

  /** The number of the organ whose id begins here, or `none`. */
  numberAt(bytes: Buffer, at: number): number {
    this.#one.set(bytes.subarray(at, at + idSize));
    return this.#numbers[this.#slotOf(this.#oneAsWords, 0)]! - 1;
  }

  /** The numbers of so many organs whose ids stand one after the other, of which the first begins here. */
  numbersIn(data: Buffer, first: number, amount: number): Int32Array {
    const words = new Int32Array(amount * 4);
    new Uint8Array(words.buffer).set(data.subarray(first, first + amount * idSize));
    const numbers = new Int32Array(amount);
    // In the order of ids most stand next to each other: a guess is right more often than not, and memory is read in turn.
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

  /** Whether an organ was there in a year, from its first day to its last. */
  wasThere(organ: number, year: number): boolean {
    return this.#beganIn[organ]! <= year && year <= this.#goneIn[organ]!;
  }

  /** Of each organ the one above it on the last day of a year, or `none`. */
  parentsIn(year: number): Int32Array {
    return this.#parents(year);
  }

  /** Of each organ where it stood on the last day of a year, as a place of `places`. */
  placesIn(year: number): Int32Array {
    return this.#places(year);
  }
}

/** Values of organs by year: these, but in the years of periods the values of those. */
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

/** Numbers places as they are met, by their codes. */
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

/** The first and the last year on whose last day something held that held from one day to another. */
const yearOfDay = (day: string | null): number => (day === null ? firstReportYear : Number(day.slice(0, 4)));
const lastYear = (day: string | null): number =>
  day === null ? never : Number(day.slice(0, 4)) - (day.slice(5) === '12-31' ? 0 : 1);
