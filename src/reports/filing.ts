import type { FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { may } from '../access/principal.ts';
import { lineageOf } from '../access/row-security.ts';
import { type Fault, formFaults } from '../editions/form-faults.ts';
import { permit } from '../http/auth.ts';
import { mostFaults } from '../http/faults.ts';
import { Problem, refuseFaults, unknownOrgan } from '../http/problem.ts';
import { summarise } from '../rules/index.ts';
import type { NewReport } from './document-schemas.ts';
import { contentHash, revisionHash, toContent } from './documents.ts';
import { checkContent } from './findings.ts';
import { insertReport, insertRevisions, lockYears } from './mutations.ts';

/**
 * Refuses a document for all its faults at once, or for the first `mostFaults`. Problem `invalid-request` (400). The
 * faults are those of its `structure`, where that is a Problem, those against the form, and `others` that the caller
 * has found. A place with a fault of structure is not reported again. `inBody` turns pointers into the document into
 * those into the body, where they differ. A `structure` that is another error is thrown as it is.
 */
export function checkDocument(
  structure: unknown,
  document: unknown,
  latestYear: number,
  others: readonly Fault[] = [],
  inBody: (text: string) => string = (text) => text,
): void {
  if (structure && !(structure instanceof Problem)) throw structure;
  const faults = structure instanceof Problem ? (structure.options.errors ?? []) : [];
  const known = new Set(faults.map(({ pointer }) => pointer));
  // A message may name another place of the document.
  const form = formFaults(document, latestYear).map(({ pointer, code, message }) => ({
    pointer: inBody(pointer),
    code,
    message: inBody(message),
  }));
  const more = [...form, ...others];
  refuseFaults([...faults, ...more.filter(({ pointer }) => !known.has(pointer))].slice(0, mostFaults));
}

const firstDraft = { number: 1, state: 'draft', reason: null, return_reason: null, withdraw_reason: null };

/**
 * Stores a new report with its first draft and returns the report's id. Both filing and importing come here. Problem
 * `report-exists` (409) where the organ has a report of this year and scope.
 */
export async function createReport(request: FastifyRequest, document: NewReport): Promise<string> {
  const { trx, audited, principal } = request;
  // From here on the organ stays where it is, so what is allowed now is allowed until the end.
  await lockYears(trx, [document]);
  const organ = await lineageOf(trx, document.organ_id);
  if (organ.length === 0) refuseFaults([unknownOrgan('/organ_id')]);
  permit(request, may(principal, 'create', organ), 'no grant of the caller allows filing for this organ');
  const report = await insertReport(trx, document);
  const content = toContent(document, report.year);
  const summary = summarise(await checkContent(trx, report, content));
  await insertRevisions(trx, [
    { id: uuidv7(), report_id: report.id, number: 1, reason: null, content, summary },
  ]);
  audited.push({
    action: 'create',
    resource: 'report',
    resource_id: report.id,
    revision: 1,
    before_hash: null,
    after_hash: revisionHash(firstDraft, contentHash(content)),
  });
  return report.id;
}
