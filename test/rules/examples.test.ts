import t from 'tap';
import { formFaults } from '../../src/editions/form-faults.ts';
import { evaluate, rules, summarise } from '../../src/rules/index.ts';
import type { Finding, Subject } from '../../src/rules/rule.ts';
import { failedIn, openIn, withCell } from './support.ts';

const of = (code: string, subject: Subject) => evaluate(subject).filter((each) => each.code === code);

/** Rules about blanks, absence or attributes: an operand that is blank leaves nothing open. */
const aboutBlanks = [
  'requests.total_missing',
  'review_litigation.blank',
  'disclosure.rulemaking_power',
  'disclosure.amount_unit',
  'report.edition',
  'report.incomplete',
];

for (const rule of rules) {
  const { passing, failing } = rule.examples;
  const found = of(rule.code, failing).filter(({ status }) => status === 'failed');
  const finding = found[0] as Finding;
  const spot = failedIn(found)[0]!;

  t.test(`${rule.code} passes its passing example and fails its failing one at one place`, async (t) => {
    t.strictSame(failedIn(of(rule.code, passing)), []);
    t.notOk(openIn(of(rule.code, passing)).includes(spot), 'the passing example is evaluated at that place');
    t.equal(found.length, 1);
    t.equal(finding.severity, rule.severity);
    t.match(finding.finding_key, new RegExp(`^${rule.code}:[a-z_0-9.]+:[0-9a-f]{16}$`));
  });

  t.test(`${rule.code} says in both languages what is there and what would be right`, async (t) => {
    for (const text of [finding.message.zh, finding.message.en]) {
      t.match(text, /[.。]$/);
      if (finding.expected !== null) t.ok(text.includes(String(finding.expected)), text);
      if (finding.actual !== null) t.ok(text.includes(String(finding.actual)), text);
    }
    t.match(finding.message.zh, /应/);
    t.match(finding.message.en, /should/);
    t.notMatch(finding.message.en, /[。，：]/);
    t.ok(finding.legal_basis.length > 0);
    t.ok(rule.operands.length > 0);
    if (finding.expected !== null) t.equal(finding.delta, finding.actual! - finding.expected);
  });

  t.test(`the examples of ${rule.code} are on the form`, async (t) => {
    for (const subject of [passing, failing]) {
      t.strictSame(formFaults(subject.figures, 2026), []);
      if (subject.previous) {
        t.strictSame(formFaults(subject.previous, 2026), []);
        t.equal(subject.previous.year, subject.figures.year - 1);
      }
    }
  });

  if (!aboutBlanks.includes(rule.code))
    t.test(`${rule.code} is not evaluated where any operand is blank or not captured`, async (t) => {
      t.ok(finding.cells.length > 1);
      for (const { cell, year } of finding.cells)
        for (const change of [() => null, 'absent'] as const) {
          const subject: Subject =
            year === undefined
              ? { ...failing, figures: withCell(failing.figures, cell, change) }
              : { ...failing, previous: withCell(failing.previous!, cell, change) };
          const now = of(rule.code, subject);
          t.notOk(failedIn(now).includes(spot), `${cell} decides nothing any more`);
          const open = now.find((each) => openIn([each])[0] === spot)!;
          const missing = open.cells.filter((each) => each.cell === cell && each.year === year);
          t.strictSame(
            missing.map(({ value }) => value),
            [null],
          );
          if (change !== 'absent') t.equal(open.cells.length, 1, 'only the blank cell is missing');
          t.strictSame([open.expected, open.actual, open.delta], [null, null, null]);
          t.match(open.message.zh, change === 'absent' ? /未录入/ : /为空白/);
        }
    });
}

t.test('codes are unique and the catalogue keeps its order', async (t) => {
  const codes = rules.map(({ code }) => code);
  t.strictSame(codes, [
    'requests.balance',
    'requests.handled_total',
    'requests.row_total',
    'requests.total_missing',
    'review_litigation.total',
    'review_litigation.blank',
    'disclosure.in_force',
    'disclosure.disclosed_total',
    'disclosure.not_disclosed',
    'disclosure.items_as_cases',
    'disclosure.rulemaking_power',
    'disclosure.amount_unit',
    'report.edition',
    'report.incomplete',
    'years.carried',
    'years.in_force',
    'years.items',
    'consolidation.parts',
  ]);
});

t.test('findings are counted by severity where they failed, and apart where not evaluated', async (t) => {
  const findings = rules.flatMap(({ examples }) => evaluate(examples.failing));
  const count = (severity: string) =>
    findings.filter((each) => each.status === 'failed' && each.severity === severity).length;
  t.strictSame(summarise(findings), {
    error: count('error'),
    warning: count('warning'),
    info: count('info'),
    not_evaluated: openIn(findings).length,
  });
  t.ok(count('error') > 0 && count('warning') > 0 && count('info') > 0 && openIn(findings).length > 0);
  t.strictSame(summarise([]), { error: 0, warning: 0, info: 0, not_evaluated: 0 });
});
