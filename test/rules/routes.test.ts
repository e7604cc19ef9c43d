import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import t from 'tap';
import { evaluate, rules, summarise } from '../../src/rules/index.ts';
import { appWithoutDatabase } from '../openapi/support.ts';
import { published } from './support.ts';

const app = await appWithoutDatabase(t);
const url = await app.listen({ host: '127.0.0.1', port: 0 });
// biome-ignore lint/suspicious/noExplicitAny: answers of several shapes
const get = async (path: string): Promise<{ status: number; link: string | null; body: any }> => {
  const answer = await fetch(url + path);
  return { status: answer.status, link: answer.headers.get('link'), body: await answer.json() };
};
const codesOf = ({ body }: { body: { items: { code: string }[] } }) => body.items.map(({ code }) => code);

const ajv = new Ajv({ strict: false, allErrors: true });
(addFormats as unknown as { default: (instance: Ajv) => void }).default(ajv);
for (const [id, schema] of Object.entries(app.getSchemas())) ajv.addSchema(schema as object, id);
const fits = (component: string, value: unknown) => {
  const validate = ajv.getSchema(component)!;
  return validate(value) ? [] : validate.errors;
};

t.test('GET /v1/rules lists the rules that run, in catalogue order', async (t) => {
  const answer = await get('/v1/rules');
  t.equal(answer.status, 200);
  t.equal(answer.body.next_cursor, null);
  t.strictSame(
    codesOf(answer),
    rules.map(({ code }) => code),
  );
  t.strictSame(fits('RulePage', answer.body), []);
  for (const [index, rule] of rules.entries()) {
    const { examples, ...entry } = answer.body.items[index];
    t.strictSame(entry, {
      code: rule.code,
      severity: rule.severity,
      expression: rule.expression,
      legal_basis: rule.legal_basis,
      editions: rule.editions,
      operands: rule.operands,
    });
    for (const name of ['passing', 'failing'] as const) {
      const { figures, organ, previous, parts } = rule.examples[name];
      t.match(figures, examples[name].report, 'the example that the tests run');
      t.strictSame(examples[name].organ ?? null, organ);
      t.equal(examples[name].previous?.year ?? null, previous?.year ?? null);
      t.strictSame(examples[name].parts, parts);
    }
  }
});

t.test('rules are found by edition and severity, in every spelling of a list', async (t) => {
  const expected = (editions: string[], severities: string[]) =>
    rules
      .filter(
        (rule) =>
          rule.editions.some((edition) => editions.includes(edition)) && severities.includes(rule.severity),
      )
      .map(({ code }) => code);
  const both = ['2019', '2021'];
  t.strictSame(
    codesOf(await get('/v1/rules?edition=2021')),
    expected(['2021'], ['error', 'warning', 'info']),
  );
  t.strictSame(codesOf(await get('/v1/rules?severity=error')), expected(both, ['error']));
  t.strictSame(
    codesOf(await get('/v1/rules?edition=2019&severity=warning,info')),
    expected(['2019'], ['warning', 'info']),
  );
  t.strictSame(
    codesOf(await get('/v1/rules?severity=error&severity=info')),
    codesOf(await get('/v1/rules?severity[]=error&severity[]=info')),
  );
  t.ok(expected(['2021'], ['info']).length < expected(['2019'], ['info']).length);
});

t.test('pages of rules join without a gap', async (t) => {
  const codes: string[] = [];
  let next: string | null = '/v1/rules?severity=warning&limit=2';
  while (next !== null) {
    const answer = await get(next);
    t.equal(answer.status, 200);
    t.ok(answer.body.items.length <= 2);
    codes.push(...codesOf(answer));
    next = /<([^>]+)>; rel="next"/.exec(answer.link ?? '')?.[1] ?? null;
    t.equal(next === null, answer.body.next_cursor === null);
  }
  t.strictSame(
    codes,
    rules.filter(({ severity }) => severity === 'warning').map(({ code }) => code),
  );
});

t.test('what is no edition, severity, parameter or cursor is refused', async (t) => {
  for (const query of ['edition=2020', 'severity=fatal', 'code=requests.balance', 'cursor=x', 'limit=0']) {
    const answer = await get(`/v1/rules?${query}`);
    t.equal(answer.status, 400, query);
    t.match(answer.body.code, /^(invalid-request|bad-cursor)$/);
  }
});

t.test('a cursor that names no rule is refused', async (t) => {
  const { body } = await get('/v1/rules?limit=1');
  const [mark] = JSON.parse(Buffer.from(body.next_cursor, 'base64url').toString());
  const forged = Buffer.from(JSON.stringify([mark, 'no.rule'])).toString('base64url');
  const answer = await get(`/v1/rules?limit=1&cursor=${forged}`);
  t.equal(answer.status, 400);
  t.equal(answer.body.code, 'bad-cursor');
});

t.test('every finding has the shape that is documented', async (t) => {
  const subjects = [
    ...published.map(({ report, organ }) => ({ figures: report, organ, previous: null })),
    ...rules.map(({ examples }) => examples.failing),
  ];
  for (const subject of subjects) {
    const findings = evaluate(subject);
    for (const finding of findings) t.strictSame(fits('Finding', { ...finding, answer: null }), []);
    t.strictSame(fits('FindingsSummary', summarise(findings)), []);
  }
});

t.test('POST /v1/validations takes an example as it is and finds what it shows', async (t) => {
  const { items } = (await get('/v1/rules')).body;
  for (const { code, examples } of items) {
    if (examples.failing.organ || examples.failing.previous || examples.failing.parts) continue;
    for (const name of ['passing', 'failing'] as const) {
      const answer = await fetch(`${url}/v1/validations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(examples[name].report),
      });
      t.equal(answer.status, 200, code);
      const { findings } = (await answer.json()) as { findings: { code: string; status: string }[] };
      const failed = findings.filter((each) => each.code === code && each.status === 'failed');
      t.equal(failed.length, name === 'failing' ? 1 : 0, `${code} ${name}`);
    }
  }
});
