import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Test } from 'tap';
import { type DatabaseOptions, type Db, openDatabase } from '../../src/db/database.ts';

/** What the runner tells the test processes: a database to connect to first, and the migrated one to copy. */
export const maintenanceVariable = 'GONGKAI_TEST_SERVER';
export const templateVariable = 'GONGKAI_TEST_TEMPLATE';

export interface TestDatabase {
  url: string;
  db: Db;
}

const required = (name: string): string => {
  const value = process.env[name];
  if (!value)
    throw new Error(`tests that need a database run through \`npm test -- <files>\` (${name} is not set)`);
  return value;
};

/** The connection string of another database on the same server. */
export const onSameServer = (url: string, database: string): string => {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
};

/** Runs one statement in the database at `url`. */
export async function execute(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** A new database, empty or a copy of `template`, that goes when the test ends. Answers its connection string. */
export async function createDatabase(t: Test, template = 'template0'): Promise<string> {
  const maintenance = required(maintenanceVariable);
  const name = `gongkai_test_${randomBytes(6).toString('hex')}`;
  await execute(maintenance, `create database ${name} template ${template} strategy file_copy`);
  t.teardown(() => execute(maintenance, `drop database if exists ${name} with (force)`));
  return onSameServer(maintenance, name);
}

/** A database of its own for a test file, migrated and with all divisions; closed and dropped when the test ends. */
export async function createTestDatabase(t: Test, options: DatabaseOptions = {}): Promise<TestDatabase> {
  const url = await createDatabase(t, required(templateVariable));
  const db = openDatabase(url, options);
  t.teardown(() => db.destroy());
  return { url, db };
}
