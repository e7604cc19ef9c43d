import type { FastifyRequest } from 'fastify';
import { may } from '../access/principal.ts';
import { lineageOf } from '../access/row-security.ts';
import { type Fault, formFaults } from '../editions/form-faults.ts';
import { permit } from '../http/auth.ts';
import { Problem } from '../http/problem.ts';
import { summarise } from '../rules/index.ts';
import type { NewReport } from './document-schemas.ts';
import { contentHash, revisionHash, toContent } from './documents.ts';
import { checkContent } from './findings.ts';
import { insertReport, insertRevision, lockYears } from './mutations.ts';

/** Every fault of a document at once: those of its structure, if any, and those against the form. */
export function checkDocument(structure: unknown, document: unknown, latestYear: number): void {
  const faults: Fault[] = structure instanceof Problem ? [...(structure.options.errors ?? [])] : [];
  if (structure && !(structure instanceof Problem)) throw structure;
  const known = new Set(faults.map((fault) => fault.pointer));
  faults.push(...formFaults(document, latestYear).filter((fault) => !known.has(fault.pointer)));
  if (faults.length > 0) throw new Problem('invalid-request', { errors: faults });
}

const firstDraft = { number: 1, state: 'draft', reason: null, return_reason: null, withdraw_reason: null };

/** Stores a new report and its first draft: the one way in, for filing and for importing. Answers its id. */
export async function createReport(request: FastifyRequest, document: NewReport): Promise<string> {
  const { trx, audited, principal } = request;
  const organ = await lineageOf(trx, document.organ_id);
  if (organ.length === 0)
    throw new Problem('invalid-request', {
      errors: [{ pointer: '/organ_id', code: 'unknown-organ', message: 'must be the id of an organ' }],
    });
  permit(request, may(principal, 'create', organ), 'no grant of the caller allows filing for this organ');
  await lockYears(trx, [document]);
  const report = await insertReport(trx, document);
  const content = toContent(document, report.year);
  const summary = summarise(await checkContent(trx, report, content));
  await insertRevision(trx, report.id, 1, null, content, summary);
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
