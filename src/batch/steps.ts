import type { FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { may } from '../access/principal.ts';
import type { Trx } from '../db/database.ts';
import type { Figures } from '../editions/figures.ts';
import { Problem, unknownOrgan } from '../http/problem.ts';
import { contentHash, type NaturalKey } from '../reports/documents.ts';
import {
  findFiguresBefore,
  getRevisions,
  listFindingAnswersOf,
  listRevisionsOf,
} from '../reports/queries.ts';
import { check, summarise } from '../rules/index.ts';
import type { Finding, FindingsSummary, Found } from '../rules/rule.ts';
import { type Decision, decide, type Stored, type Wish } from './decision.ts';
import { type Filing, keyOf } from './filings.ts';
import { lockReports, type OrganStanding } from './storage.ts';

/** A line on its way: what is stored of its report, what will be done with it, and what the rules say. */
export interface Step extends Filing {
  decision: Decision;
  stored: Stored | undefined;
  /** The ids of its report and revision; new ones where the line begins them. */
  report_id: string;
  revision_id: string;
  /** Whether the report of the year after exists; only to be relied on where the batch publishes. */
  hasNext: boolean;
  /** Counts the findings of its document; none where the revision is unchanged, which has a summary already. */
  summary: FindingsSummary;
  /** The findings in words; empty unless the line is refused. */
  findings: Finding[];
}

/** Why the caller may not file for an organ at all; undefined where that is allowed. */
export function refusalOf(
  { principal }: FastifyRequest,
  organ: OrganStanding | undefined,
): Problem | undefined {
  if (organ === undefined) return new Problem('invalid-request', { errors: [unknownOrgan('/organ_id')] });
  return may(principal, 'create', organ.lineage)
    ? undefined
    : new Problem('forbidden', { detail: 'no grant of the caller allows filing for this organ' });
}

const yearBefore = (key: NaturalKey): NaturalKey => ({ ...key, year: key.year - 1 });
export const yearAfter = (key: NaturalKey): NaturalKey => ({ ...key, year: key.year + 1 });

/**
 * Locks the reports of some keys and reads what is stored of them, by key. With `next` it also locks those of the
 * year after each. `existing` are the keys of all reports that it locked.
 */
async function readStored(trx: Trx, keys: readonly NaturalKey[], next: boolean) {
  const wanted = new Map(keys.map((key) => [keyOf(key), key]));
  // A publication works out the findings of the year after again. So those reports are locked with the others, all in
  // one order.
  if (next) for (const key of keys) wanted.set(keyOf(yearAfter(key)), yearAfter(key));
  const reports = await lockReports(trx, [...wanted.values()]);
  const mine = new Set(keys.map(keyOf));
  const found = reports.filter((report) => mine.has(keyOf(report)));
  const ids = found.map(({ id }) => id);
  const byReport = Map.groupBy(
    ids.length === 0 ? [] : await listRevisionsOf(trx, ids),
    (head) => head.report_id,
  );
  const compared = [...byReport.values()].flatMap((all) => {
    const current = all.filter(({ state }) => ['draft', 'submitted', 'published'].includes(state));
    return current.length > 0 ? current : all.slice(-1);
  });
  const revisionIds = compared.map(({ id }) => id);
  const contents = await getRevisions(trx, revisionIds);
  const answers = await listFindingAnswersOf(trx, revisionIds);
  const hashes = new Map(revisionIds.map((id) => [id, contentHash(contents.get(id)!)]));
  const stored = new Map(
    found.map(({ id, discarded_revision, ...key }): [string, Stored] => [
      keyOf(key),
      { id, revisions: byReport.get(id) ?? [], discarded_revision, hashes, answers },
    ]),
  );
  return { stored, existing: new Set(reports.map(keyOf)) };
}

/**
 * Checks filings by the rules, each beside the year before: what is in effect of it, or what the same batch puts into
 * effect.
 */
async function checker(trx: Trx, filings: readonly Filing[]) {
  const effective = await findFiguresBefore(
    trx,
    filings.map(({ key }) => yearBefore(key)),
  );
  const before = new Map<string, Figures>(effective.map((figures) => [keyOf(figures), figures]));
  return {
    putIntoEffect: ({ key, content }: Filing) => before.set(keyOf(key), { ...content, ...key }),
    check({ key, content }: Filing, { kind, level }: OrganStanding): Found[] {
      const { year, scope } = key;
      return check({
        figures: { ...content, year, scope },
        organ: { kind, level },
        previous: before.get(keyOf(yearBefore(key))) ?? null,
      });
    },
  };
}

/** Whether a step writes anything. */
export const writes = ({ decision: { kind } }: Pick<Step, 'decision'>): boolean =>
  kind !== 'nothing' && kind !== 'refuse';

/**
 * Locks the reports of lines with different natural keys and plans what to do with each line. Nothing is written yet.
 */
export async function planSteps(
  trx: Trx,
  filings: readonly Filing[],
  organs: ReadonlyMap<string, OrganStanding>,
  wish: Wish,
): Promise<Step[]> {
  const { stored, existing } = await readStored(
    trx,
    filings.map(({ key }) => key),
    wish.publish,
  );
  const rules = await checker(trx, filings);
  const decided = filings.map((filing) => {
    const known = stored.get(keyOf(filing.key));
    return { filing, known, decision: decide(filing.hash, known, wish) };
  });
  // For the lines of the next year, what this batch puts into effect is the year before.
  if (wish.publish) for (const each of decided) if (writes(each)) rules.putIntoEffect(each.filing);
  return decided.map(({ filing, known, decision }): Step => {
    const found = decision.kind === 'nothing' ? [] : rules.check(filing, organs.get(filing.key.organ_id)!);
    return {
      ...filing,
      decision,
      stored: known,
      report_id: known?.id ?? uuidv7(),
      revision_id: 'revision' in decision ? decision.revision.id : uuidv7(),
      hasNext: existing.has(keyOf(yearAfter(filing.key))),
      summary: summarise(found),
      findings: decision.kind === 'refuse' ? found.map((each) => each.word()) : [],
    };
  });
}
