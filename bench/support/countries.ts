import { migrate } from '../../src/db/migrate.ts';
import { execute, onSameServer } from '../../test/support/database.ts';
import { temporaryServer } from '../../test/support/temporary-server.ts';
import { seedCountry } from '../seed-country.ts';
import { earnest } from './settings.ts';

/** Generated countries of several sizes, side by side in one PostgreSQL. */

export interface Country {
  /** How many reports were asked for. */
  reports: number;
  url: string;
}

export interface Countries {
  /** In the order of the sizes. */
  countries: Country[];
  /** Stops the server and removes the databases. */
  stop(): Promise<void>;
}

/** Makes countries in a PostgreSQL of their own. `tell` gets a sentence about each. */
export async function openCountries(
  sizes: readonly number[],
  tell: (text: string) => void,
): Promise<Countries> {
  const server = await temporaryServer(earnest);
  try {
    const maintenance = server.url('postgres');
    const countries: Country[] = [];
    for (const reports of sizes) {
      const began = performance.now();
      const name = `country_${reports}`;
      await execute(maintenance, `create database ${name}`);
      const url = onSameServer(maintenance, name);
      await migrate(url);
      const seeded = await seedCountry(url, { reports });
      // Autovacuum would do this at some moment, perhaps in the middle of a measurement.
      await execute(url, 'vacuum analyze');
      await execute(maintenance, 'checkpoint');
      countries.push({ reports, url });
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      tell(`a country of ${seeded.organs} organs and ${seeded.reports} reports, made in ${seconds} s`);
    }
    return { countries, stop: server.stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Sizes as the command line gives them: `12000,120000`, the smallest first. */
function readSizes(text: string): number[] {
  const sizes = text.split(',').map(Number);
  if (sizes.some((size) => !Number.isInteger(size) || size < 100))
    throw new RangeError(`--sizes ${text}: whole numbers of reports, separated by commas`);
  return [...new Set(sizes)].sort((a, b) => a - b);
}

/** The countries that the command line asks for: new ones, or those of `database-urls`, which are not removed. */
export async function countriesOf(
  values: { sizes: string; 'database-urls'?: string | undefined },
  tell: (text: string) => void,
): Promise<Countries> {
  const sizes = readSizes(values.sizes);
  const urls = values['database-urls']?.split(',');
  if (urls === undefined) return openCountries(sizes, tell);
  if (urls.length !== sizes.length)
    throw new RangeError('--database-urls: one for each of --sizes, the smallest first');
  return { countries: urls.map((url, place) => ({ url, reports: sizes[place]! })), stop: async () => {} };
}
