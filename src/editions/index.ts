import { edition2019 } from './2019.ts';
import { edition2021 } from './2021.ts';
import type { Edition, EditionKey } from './edition.ts';

/** Every edition that Gongkai accepts, oldest first. A new edition is one file, and one line here. */
export const editions: readonly Edition[] = [edition2019, edition2021];

export const editionKeys: readonly EditionKey[] = editions.map((edition) => edition.edition);

/** The first report year on the uniform form; earlier statistics cannot be compared and are out of scope. */
export const firstReportYear = Math.min(...editions.map((edition) => edition.first_year));

export function editionByKey(key: EditionKey): Edition {
  const edition = editions.find((candidate) => candidate.edition === key);
  if (edition === undefined) throw new RangeError(`no edition ${key}`);
  return edition;
}

/**
 * The edition in force by law for a report year. It is the default for what is filed; afterwards it is never derived
 * again.
 */
export function editionOfYear(year: number): EditionKey {
  const inForce = editions.filter((edition) => edition.first_year <= year).at(-1) ?? editions[0]!;
  return inForce.edition;
}
