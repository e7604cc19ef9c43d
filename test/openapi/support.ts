import type { Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import { openDatabase } from '../../src/db/database.ts';
import type { OpenApiDocument, Operation } from '../../src/docs/document.ts';
import type { App } from '../../src/http/app-type.ts';

/** The service without a database: enough for whatever answers from the code alone. */
export async function appWithoutDatabase(t: Test): Promise<App> {
  const db = openDatabase('postgres://127.0.0.1:1/none');
  const app = await buildApp({ db });
  t.teardown(async () => {
    await app.close();
    await db.destroy();
  });
  await app.ready();
  return app;
}

export interface NamedOperation extends Operation {
  method: string;
  path: string;
  /** For test titles. */
  name: string;
}

export const operationsOf = (document: OpenApiDocument): NamedOperation[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method,
      path,
      name: `${method.toUpperCase()} ${path}`,
    })),
  );

/** The same schema refusing members that it does not describe: published ones leave room for new members. */
export function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, closed(member)]));
  if ('properties' in copy && !('additionalProperties' in copy)) copy.additionalProperties = false;
  return copy;
}
