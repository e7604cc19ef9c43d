import t from 'tap';
import { startService } from '../support/app.ts';
import { createOrgan, publishReport, realReports } from '../support/reports.ts';

const service = await startService(t);
const tables = ['disclosure_items', 'request_statistics', 'review_litigation_counts'] as const;

/** Each report is of an organ of its own: the fixture repeats no organ's year. */
for (const { id, complete, organ, report, expected_findings } of realReports)
  t.test(`the published report ${id} is filed, published and read back cell for cell`, async (t) => {
    const { name, kind, level, division_code, credit_code } = organ;
    const organ_id = await createOrgan(service, { name, kind, level, division_code, credit_code });
    const document = { organ_id, ...report };
    const checked = await service.request('POST', '/v1/validations', { body: document });
    t.equal(checked.status, 200);
    const { id: report_id } = await publishReport(service, document);

    const read = await service.request('GET', `/v1/reports/${report_id}`);
    t.equal(read.status, 200);
    for (const table of tables) t.same(read.body[table], report[table], table);
    t.same(
      read.body.cell_notes,
      (report.cell_notes ?? []).map((note) => ({ ...note, note: null })),
    );
    t.same(read.body.editions, report.editions);
    t.match(read.body, { state: 'published', revision: 1, effective_revision: 1, has_draft: false });
    for (const [path, table] of [
      ['disclosure-items', 'disclosure_items'],
      ['request-statistics', 'request_statistics'],
      ['review-litigation-counts', 'review_litigation_counts'],
    ] as const)
      t.same((await service.request('GET', `/v1/reports/${report_id}/${path}`)).body.items, report[table]);

    const { items } = (await service.request('GET', `/v1/reports/${report_id}/findings`)).body;
    const withoutAnswers = items.map((finding: { answer: unknown }) => ({ ...finding, answer: null }));
    t.same(withoutAnswers, checked.body.findings, 'the stored report has the findings of the validation');
    const failed = items.filter((finding: { status: string }) => finding.status === 'failed');
    const expected = expected_findings.map(({ code }) => code).sort();
    const found = failed
      .map((finding: { code: string }) => finding.code)
      .filter((code: string) => !code.startsWith('years.') && (complete || code !== 'report.incomplete'));
    t.same(found.sort(), expected, 'exactly the known findings');
    for (const { code, where } of expected_findings)
      t.ok(
        failed.some(
          (finding: { code: string; cells: { cell: string }[] }) =>
            finding.code === code && finding.cells.some(({ cell }) => cell.includes(where)),
        ),
        `${code} at ${where}`,
      );
  });
