import type { Db } from '../db/database.ts';
import type { Labels } from '../formats/format.ts';
import { type LabelContext, type Language, labelsIn } from '../formats/labels.ts';
import { divisionNames } from './queries.ts';

/** What labels depend on, except for the names of places. */
export type LabelChoice = Omit<LabelContext, 'places'>;

/**
 * The labels that a caller asks for, with the names of places, which only the database knows. For `key` there are
 * none.
 */
export async function readLabels(db: Db, language: Language, context?: LabelChoice): Promise<Labels>;
export async function readLabels(
  db: Db,
  language: 'key' | Language,
  context?: LabelChoice,
): Promise<Labels | undefined>;
export async function readLabels(db: Db, language: 'key' | Language, context: LabelChoice = {}) {
  return language === 'key' ? undefined : labelsIn(language, { ...context, places: await divisionNames(db) });
}
