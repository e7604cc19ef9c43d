import t from 'tap';
import { cellValues } from '../../src/editions/figures.ts';
import { evaluate, rules } from '../../src/rules/index.ts';
import { failedIn, published, spotOf, withCell } from './support.ts';

t.test('a key changes with each operand and with nothing else', async (t) => {
  let compared = 0;
  const subjects = [
    ...published.map(({ report, organ }) => ({ figures: report, organ, previous: null })),
    ...rules.map(({ examples }) => examples.failing),
  ];
  for (const subject of subjects) {
    const findings = evaluate(subject).filter(({ status }) => status === 'failed');
    if (findings.length === 0) continue;
    for (const [cell, value] of cellValues(subject.figures)) {
      if (value === null) continue;
      const figures = withCell(subject.figures, cell, (old) => old! + 1000);
      const now = evaluate({ ...subject, figures });
      for (const finding of findings) {
        const { cells, finding_key } = finding;
        const spot = spotOf(finding);
        const same = now.find((each) => failedIn([each])[0] === spot);
        if (same === undefined) continue;
        compared++;
        const isOperand = cells.some((each) => each.cell === cell && each.year === undefined);
        if ((same.finding_key !== finding_key) !== isOperand) t.fail(`${finding_key} and ${cell}`);
      }
    }
  }
  t.ok(compared > 1000, `${compared} compared`);
});

t.test('a key tells a blank from a cell that is not captured', async (t) => {
  const { failing } = rules.find(({ code }) => code === 'review_litigation.total')!.examples;
  const cell = 'review_litigation_counts.review.upheld';
  const blank = withCell(failing.figures, cell, () => null);
  for (const key of ['upheld', 'corrected', 'other', 'pending', 'total'] as const)
    blank.review_litigation_counts[0]![key] = null;
  const keys = [blank, withCell(failing.figures, cell, 'absent')].map(
    (figures) =>
      evaluate({ ...failing, figures }).find(
        ({ finding_key, status }) =>
          status === 'not_evaluated' && finding_key.startsWith('review_litigation.total:review:'),
      )!.finding_key,
  );
  t.not(keys[0], keys[1]);
});
