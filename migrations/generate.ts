import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { migrate } from '../src/db/migrate.ts';
import { temporaryServer } from '../test/support/temporary-server.ts';

/** Run as a script, writes what derives from the migrations: the Kysely types of all tables. */

const tablesFile = fileURLToPath(new URL('../src/db/tables.ts', import.meta.url));

/** As the type parsers of src/db/type-parsers.ts deliver them; either spelling of a number or instant may be written. */
const typeMapping = { int8: 'number', timestamptz: 'string' };

/** The text of src/db/tables.ts for the migrated database at `url`. */
export async function tableTypes(url: string): Promise<string> {
  const cli = createRequire(import.meta.url).resolve('kysely-codegen/dist/cli/bin.js');
  const { stdout } = await promisify(execFile)(process.execPath, [
    cli,
    ...['--dialect', 'postgres', '--url', url, '--print', '--log-level', 'silent'],
    ...['--exclude-pattern', 'kysely_migration*', '--numeric-parser', 'number', '--date-parser', 'string'],
    ...['--type-mapping', JSON.stringify(typeMapping)],
  ]);
  return stdout;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await temporaryServer();
  try {
    await migrate(server.url('postgres'));
    const text = await tableTypes(server.url('postgres'));
    if (text !== (await readFile(tablesFile, 'utf8').catch(() => ''))) await writeFile(tablesFile, text);
  } finally {
    await server.stop();
  }
}
