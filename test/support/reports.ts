import { readFileSync } from 'node:fs';
import type { Figures } from '../../src/editions/figures.ts';
import { editionByKey } from '../../src/editions/index.ts';
import { applicantKeys, outcomeKeys, proceedingKeys } from '../../src/editions/vocabulary.ts';
import type { Answer, TestService } from './app.ts';

/** A published report's figures with what the rules are known to find in them. */
export interface FixtureReport {
  id: string;
  complete: boolean;
  organ: {
    name: string;
    kind: string;
    level: string;
    division_code: string | null;
    credit_code: string | null;
  };
  report: Figures;
  expected_findings: { code: string; where: string }[];
}

/** The 25 real reports. */
export const realReports: readonly FixtureReport[] = JSON.parse(
  readFileSync(new URL('../fixtures/figures.json', import.meta.url), 'utf8'),
);

export const realReport = (id: string): FixtureReport => realReports.find((report) => report.id === id)!;

let organs = 0;

/** Registers an organ; a county department unless said otherwise. */
export async function createOrgan(
  service: TestService,
  members: Record<string, unknown> = {},
): Promise<string> {
  const organ = { name: `测试机关${++organs}`, kind: 'department', level: 'county', ...members };
  const answer = await service.admin('POST', '/v1/organs', { body: organ });
  if (answer.status !== 201) throw new Error(`organ: ${answer.text}`);
  return answer.body.id;
}

/** Figures in which every cell of the 2021 form is captured and every rule holds: all zero. */
export function zeroFigures(): Pick<
  Figures,
  'disclosure_items' | 'request_statistics' | 'review_litigation_counts'
> {
  const edition = editionByKey('2021');
  return {
    disclosure_items: edition.disclosure_items.flatMap((item) =>
      item.measures.map(({ measure, unit }) => ({ item: item.item, measure, value: 0, unit })),
    ),
    request_statistics: edition.request_statistics.map(({ row }) => ({ row, ...allZero(applicantKeys) })),
    review_litigation_counts: proceedingKeys.map((proceeding) => ({ proceeding, ...allZero(outcomeKeys) })),
  };
}

const allZero = <K extends string>(keys: readonly K[]) =>
  Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;

/** A document without any finding but those about the year before. */
export const zeroDocument = (organ_id: string, members: Record<string, unknown> = {}) => ({
  organ_id,
  year: 2023,
  scope: 'own',
  ...zeroFigures(),
  ...members,
});

export interface Filed {
  id: string;
  etag: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape
  body: any;
}

const filed = (answer: Answer, status: number): Filed => {
  if (answer.status !== status) throw new Error(`${answer.status}: ${answer.text}`);
  return { id: answer.body.id, etag: answer.headers.get('etag')!, body: answer.body };
};

/** Files a report; its draft. */
export const fileReport = async (service: TestService, document: unknown): Promise<Filed> =>
  filed(await service.admin('POST', '/v1/reports', { body: document }), 201);

/** A transition that must succeed. */
export const move = async (
  service: TestService,
  report: Filed,
  action: string,
  body?: unknown,
): Promise<Filed> =>
  filed(
    await service.admin('POST', `/v1/reports/${report.id}/${action}`, {
      headers: { 'if-match': report.etag },
      ...(body === undefined ? {} : { body }),
    }),
    200,
  );

/** Answers every failed error of the draft, submits and publishes. */
export async function publish(service: TestService, report: Filed): Promise<Filed> {
  const findings = await service.admin(
    'GET',
    `/v1/reports/${report.id}/findings?revision=${report.body.revision}`,
  );
  for (const finding of findings.body.items)
    if (finding.status === 'failed' && finding.severity === 'error' && !finding.answer)
      await service.admin('POST', `/v1/reports/${report.id}/answers`, {
        body: { finding_key: finding.finding_key, text: '原件如此' },
      });
  return move(service, await move(service, report, 'submit'), 'publish');
}

/** Files and publishes in one go. */
export const publishReport = async (service: TestService, document: unknown): Promise<Filed> =>
  publish(service, await fileReport(service, document));
