import type { Db } from '../db/database.ts';
import type { OrganKind, OrganLevel } from '../editions/vocabulary.ts';
import { check } from '../rules/index.ts';
import type { Finding, Found, Subject } from '../rules/rule.ts';
import type { AnsweredFinding } from '../rules/schema.ts';
import type { Content, NaturalKey } from './documents.ts';
import { findFiguresBefore, getRevision, listFindingAnswers, type RevisionHead } from './queries.ts';

type Key = Omit<NaturalKey, 'organ_id'> & { organ_id: string | null };

/**
 * Returns a function that checks contents of a report by the rules. It compares them with the effective report of the
 * year before.
 */
export async function checker(
  db: Db,
  { organ_id, year, scope }: Key,
): Promise<(content: Content) => Found[]> {
  const checking = (beside: Pick<Subject, 'organ' | 'previous'>) => (content: Content) =>
    check({ figures: { ...content, year, scope }, ...beside });
  if (organ_id === null) return checking({ organ: null, previous: null });
  const organ = await db
    .selectFrom('organs')
    .select(['kind', 'level'])
    .where('id', '=', organ_id)
    .executeTakeFirst();
  const [previous = null] = await findFiguresBefore(db, [{ organ_id, year: year - 1, scope }]);
  return checking({
    organ: organ ? { kind: organ.kind as OrganKind, level: organ.level as OrganLevel } : null,
    previous,
  });
}

/** What the rules find in one content. */
export const checkContent = async (db: Db, key: Key, content: Content): Promise<Found[]> =>
  (await checker(db, key))(content);

/** What the rules find in one content, put into words. */
export const evaluateContent = async (...of: Parameters<typeof checkContent>): Promise<Finding[]> =>
  (await checkContent(...of)).map((found) => found.word());

/** The findings of a stored revision with their answers. */
export async function listFindings(db: Db, key: NaturalKey, revision_id: string): Promise<AnsweredFinding[]> {
  const answers = await listFindingAnswers(db, revision_id);
  const findings = await evaluateContent(db, key, await getRevision(db, revision_id));
  return findings.map((finding) => ({ ...finding, answer: answers.get(finding.finding_key) ?? null }));
}

/** The failed errors of a draft that nobody has answered. They stand against its submission. */
export async function listUnansweredErrors(
  db: Db,
  key: NaturalKey,
  open: RevisionHead | undefined,
): Promise<AnsweredFinding[]> {
  if (open?.state !== 'draft') return [];
  const findings = await listFindings(db, key, open.id);
  return findings.filter(
    (each) => each.status === 'failed' && each.severity === 'error' && each.answer === null,
  );
}
