import { buildApp } from '../src/app.ts';
import { openDatabase } from '../src/db/database.ts';

/** A database that is never connected to: the documents come from the routes alone. */
const nowhere = 'postgres://127.0.0.1:1/none';

/** The OpenAPI documents as they should stand in this folder. */
export async function documents(): Promise<{ file: URL; text: string }[]> {
  const db = openDatabase(nowhere);
  const app = await buildApp({ db });
  await app.ready();
  const made = [
    { name: 'openapi.json', text: `${JSON.stringify(app.swagger(), null, 2)}\n` },
    { name: 'openapi.yaml', text: app.swagger({ yaml: true }) },
    { name: 'openapi-3.1.json', text: `${JSON.stringify(app.swagger31(), null, 2)}\n` },
  ];
  await app.close();
  await db.destroy();
  return made.map(({ name, text }) => ({ file: new URL(name, import.meta.url), text }));
}
