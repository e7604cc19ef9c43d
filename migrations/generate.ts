import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openDatabase } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { temporaryServer } from '../test/support/temporary-server.ts';
import { describeSchema } from './describe-schema.ts';

/** Run as a script (`npm run schema`), writes what derives from the migrations: schema.sql and src/db/tables.ts. */

/** As src/db/type-parsers.ts delivers them. */
const typeMapping = { int8: 'number', timestamptz: 'string' };

/** The Kysely types of all tables in the migrated database at `url`. */
async function describeTables(url: string): Promise<string> {
  const cli = createRequire(import.meta.url).resolve('kysely-codegen/dist/cli/bin.js');
  const { stdout } = await promisify(execFile)(process.execPath, [
    cli,
    ...['--dialect', 'postgres', '--url', url, '--print', '--log-level', 'silent'],
    ...['--exclude-pattern', 'kysely_migration*', '--numeric-parser', 'number', '--date-parser', 'string'],
    ...['--type-mapping', JSON.stringify(typeMapping)],
  ]);
  return stdout;
}

/** Every generated file with the text that the migrated database at `url` asks for. */
export async function generatedFiles(url: string): Promise<{ path: string; text: string }[]> {
  const db = openDatabase(url, { max: 1 });
  try {
    const [schema, tables] = await Promise.all([describeSchema(db), describeTables(url)]);
    return [
      { path: fileURLToPath(new URL('schema.sql', import.meta.url)), text: schema },
      { path: fileURLToPath(new URL('../src/db/tables.ts', import.meta.url)), text: tables },
    ];
  } finally {
    await db.destroy();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await temporaryServer();
  try {
    await migrate(server.url('postgres'));
    for (const { path, text } of await generatedFiles(server.url('postgres')))
      if (text !== (await readFile(path, 'utf8').catch(() => ''))) await writeFile(path, text);
  } finally {
    await server.stop();
  }
}
