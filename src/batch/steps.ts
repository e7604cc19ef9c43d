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

/** A line on its way: what there is of its report, what will be done, and what the rules say. */
export interface Step extends Filing {
  decision: Decision;
  stored: Stored | undefined;
  /** Ids of the report and revision that it concerns, new ones where they begin with it. */
  report_id: string;
  revision_id: string;
  /** Whether the report of the year after exists; known where the batch publishes. */
  hasNext: boolean;
  /** Of what its document says; an unchanged revision has its own. */
  summary: FindingsSummary;
  /** In words only where the line is refused. */
  findings: Finding[];
}

/** Why the caller may not file for an organ at all. */
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

/** What is stored of the reports of some keys, by key; with `next` also of the year after each. */
async function readStored(trx: Trx, keys: readonly NaturalKey[], next: boolean) {
  const wanted = new Map(keys.map((key) => [keyOf(key), key]));
  // A publication works out the findings of the year after again, so those are locked with the others, in one order.
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

/** What the rules say of filings: beside what is in effect of the year before, or is put into effect with them. */
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

/** What to do with lines of different natural keys, whose reports are locked by it. Nothing is written yet. */
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
  // What this batch puts into effect is the year before of what it files for the next year.
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
