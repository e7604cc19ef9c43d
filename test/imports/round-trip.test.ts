import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { inFormOrder } from '../../src/editions/figures.ts';
import { formFaults } from '../../src/editions/form-faults.ts';
import { editionByKey, editionKeys } from '../../src/editions/index.ts';
import { importText } from '../../src/imports/index.ts';
import { anyReport, countingPrint, printReport } from './layout-1.ts';

const notesByCell = (notes: readonly { cell: string; raw: string }[]) =>
  Object.fromEntries(notes.map(({ cell, raw }) => [cell, raw.trim()]));

t.test('any figures printed with tabs read back identical, blanks and notes included', async () => {
  fc.assert(
    fc.property(anyReport, ({ text, figures }) => {
      const { document, findings } = importText(text);
      assert.ok(document, JSON.stringify(findings.slice(0, 2)));
      const expected = inFormOrder(figures);
      for (const part of [
        'editions',
        'disclosure_items',
        'request_statistics',
        'review_litigation_counts',
      ] as const)
        assert.deepStrictEqual(document[part], expected[part]);
      assert.deepStrictEqual(notesByCell(document.cell_notes), notesByCell(figures.cell_notes));
      assert.deepStrictEqual(formFaults(document, 2030), []);
    }),
    { numRuns: 150 },
  );
});

t.test('the edition of either table is told by its own labels, whatever the year', async (t) => {
  for (const disclosure of editionKeys)
    for (const requests of editionKeys) {
      const { text, figures } = printReport(
        editionByKey(disclosure),
        editionByKey(requests),
        countingPrint(),
      );
      const { document } = importText(text);
      t.same(document?.editions, { disclosure_items: disclosure, request_statistics: requests });
      t.same(document?.request_statistics, figures.request_statistics);
      t.equal(document?.year, 2023);
    }
});
