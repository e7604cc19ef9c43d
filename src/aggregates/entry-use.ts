import type { ChangedEntry, CoverSignature, ScopeOfEntry } from '../rollups/changes.ts';
import { type PlacelessFilters, type RollupPlan, scopesTaken } from './rollup-plan.ts';

/** Which entries of the rollups a question adds up: see `bases` in ./queries.ts. */

/** What the sums of a selection depend on besides the data. */
export interface Question extends PlacelessFilters {
  plan: RollupPlan;
  years: readonly number[];
  /** Gives up where there are so many rows. */
  most: number;
}

export const isAmong = (codes: readonly string[] | undefined, code: string): boolean =>
  codes === undefined || codes.includes(code);

/** Whether an entry is of an organ that matches, whatever its year and scope. */
export const matches = ({ level, kind, plan: { divisions } }: Question, entry: ChangedEntry): boolean =>
  isAmong(level, entry.level) &&
  isAmong(kind, entry.kind) &&
  (divisions === undefined || divisions.codes.includes(entry[divisions.place]));

/** Whether an organ above matches the filters, as seen from one below that does. */
const isCandidate = (
  signature: CoverSignature,
  { level, kind }: Question,
  { divisions }: RollupPlan,
): boolean =>
  isAmong(level, signature.level) &&
  isAmong(kind, signature.kind) &&
  (divisions === undefined ||
    signature[`same_${divisions.place}`] ||
    divisions.codes.includes(signature[`foreign_${divisions.place}`]));

/** What has a consolidated candidate above it, in its own group and in another one. */
export interface Covered {
  here: boolean;
  elsewhere: boolean;
}

/** What stands above an organ means where groups are of these keys. */
export function coveredBy(
  signatures: readonly CoverSignature[],
  organKeys: readonly string[],
  question: Question,
): Covered {
  // Without consolidated reports nothing stands for anything else.
  if (!scopesTaken(question).takesConsolidated) return { here: false, elsewhere: false };
  const candidates = signatures.filter((signature) => isCandidate(signature, question, question.plan));
  const isSame = (signature: CoverSignature) =>
    organKeys.every((key) => signature[`same_${key}` as keyof CoverSignature]);
  return {
    here: candidates.some(isSame),
    elsewhere: candidates.some((signature) => !isSame(signature)),
  };
}

/**
 * Whether an entry is added up, and whether it stands for an organ that has reported. An organ's own report beside its
 * consolidated one is `replaced`, and the consolidated one stands for the organ.
 */
export function useOf(
  scope: ScopeOfEntry,
  { here, elsewhere }: Covered,
  filters: PlacelessFilters,
): { isUsed: boolean; hasReported: boolean } {
  const { takesOwn, takesConsolidated } = scopesTaken(filters);
  const isCovered = here || elsewhere;
  const isOwn = takesOwn && (scope === 'own' || (!takesConsolidated && scope === 'replaced'));
  const isConsolidated = takesConsolidated && scope === 'consolidated';
  const isTaken = isOwn || isConsolidated;
  return {
    isUsed: isTaken && !here,
    hasReported: isTaken || (isCovered && (scope === 'none' || scope === 'own')),
  };
}
