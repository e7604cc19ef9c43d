import { sql } from 'kysely';
import t from 'tap';
import { buildApp } from '../../src/app.ts';
import { applicantParts } from '../../src/editions/vocabulary.ts';
import { creditCodeFault } from '../../src/organs/credit-code.ts';
import type { NaturalKey } from '../../src/reports/documents.ts';
import { evaluateContent } from '../../src/reports/findings.ts';
import { renderPublicAnswer } from '../../src/reports/publication.ts';
import { getRevision } from '../../src/reports/queries.ts';
import { summarise } from '../../src/rules/index.ts';
import { countRows, seed } from './support.ts';

const { db, seeded } = await seed(t, { reports: 1000 });

t.test('organs of every kind and level stand under the government of their place', async (t) => {
  const kinds = await db.selectFrom('organs').select('kind').distinct().execute();
  t.equal(kinds.length, 7);
  const levels = await db.selectFrom('organs').select('level').distinct().execute();
  t.equal(levels.length, 5);
  const astray = await countRows(
    db,
    sql`organs join organs above on above.id = organs.parent_id
    where above.kind <> 'government' or above.division_county <> organs.division_county
      and not exists (select from divisions where code = organs.division_county and parent_code = above.division_code)`,
  );
  t.equal(astray, 0);
  const codes = await db.selectFrom('organs').select('credit_code').execute();
  const given = codes.flatMap(({ credit_code }) => credit_code ?? []);
  t.ok(given.length > 100 && given.length < codes.length);
  t.ok(given.every((code) => creditCodeFault(code) === undefined));
  const tops = await db
    .selectFrom('organs')
    .select(['kind', 'level'])
    .where('parent_id', 'is', null)
    .execute();
  t.ok(
    tops.every(({ level }) => level === 'national' || level === 'province'),
    'only the office of the nation and provinces have nobody above them',
  );
});

t.test(
  'the requests of a consolidated report are those of its parts, unless it is off on purpose',
  async (t) => {
    const parts = sql.join(applicantParts.map((part) => sql`sum(coalesce(${sql.ref(part)}, 0))`));
    const { rows } = await sql<{ off: number; wholes: number }>`
    with recursive under (top, organ) as (
      select id, id from organs
      union all select top, organs.id from under join organs on parent_id = organ
    ), sums as (
      select organ_id, year, scope, case when row ~ '^other' then 'other' else row end as role, array[${parts}] as sum
      from reports join revisions on report_id = reports.id and state = 'published'
        join request_statistics on revision_id = revisions.id and row <> 'handled_total'
      group by 1, 2, 3, 4
    ), wholes as (
      select * from sums where scope = 'consolidated'
    ), covered as (
      select wholes.organ_id, wholes.year, role, part, coalesce(sum(value), 0) as value
      from wholes join under on top = wholes.organ_id
        join sums using (year, role), unnest(sums.sum) with ordinality as each (value, part)
      where sums.scope = 'own' and sums.organ_id = organ
      group by 1, 2, 3, 4
    )
    select count(distinct (organ_id, year)) as wholes,
      count(distinct (organ_id, year)) filter (where each.value <> coalesce(covered.value, 0)) as off
    from wholes cross join unnest(wholes.sum) with ordinality as each (value, part)
      left join covered using (organ_id, year, role, part)`.execute(db);
    t.ok(seeded.off > 0 && rows[0]!.wholes > 5 * seeded.off, `${seeded.off} of ${rows[0]!.wholes}`);
    t.equal(rows[0]!.off, seeded.off);
  },
);

const everyReport = await db.selectFrom('reports').select(['id', 'organ_id', 'year', 'scope']).execute();
const sample = everyReport.filter(({ scope }, index) => index % 12 === 0 || scope === 'consolidated');

t.test(
  'a stored answer is what the service would render, and absent where nothing is in effect',
  async (t) => {
    const answers = () => db.selectFrom('effective_answers').selectAll().orderBy('report_id').execute();
    const stored = await answers();
    await db.transaction().execute(async (trx) => {
      for (const report of sample) await renderPublicAnswer(trx, report as NaturalKey & { id: string });
    });
    t.same(await answers(), stored);
    t.equal(
      stored.length,
      await countRows(db, sql`revisions where state = 'published'`),
      'each report in effect has one',
    );
  },
);

t.test('a findings summary is what the rules say of the figures and of the year before', async (t) => {
  for (const report of sample)
    for (const { id, findings_summary } of await db
      .selectFrom('revisions')
      .select(['id', 'findings_summary'])
      .where('report_id', '=', report.id)
      .execute()) {
      const findings = await evaluateContent(db, report as NaturalKey, await getRevision(db, id));
      t.same(findings_summary, summarise(findings));
    }
});

t.test('nothing was submitted while an error was unanswered', async (t) => {
  const revisions = await db
    .selectFrom('revisions')
    .innerJoin('reports', 'reports.id', 'report_id')
    .select(['revisions.id', 'organ_id', 'year', 'scope'])
    .where('submitted_at', 'is not', null)
    .where(sql<boolean>`(findings_summary->>'error')::int > 0`)
    .limit(60)
    .execute();
  t.equal(revisions.length, 60);
  for (const { id, ...key } of revisions) {
    const answers = await db
      .selectFrom('finding_answers')
      .select('finding_key')
      .where('revision_id', '=', id)
      .execute();
    const answered = new Set(answers.map(({ finding_key }) => finding_key));
    const findings = await evaluateContent(db, key as NaturalKey, await getRevision(db, id));
    const errors = findings.filter(({ status, severity }) => status === 'failed' && severity === 'error');
    t.ok(errors.length > 0 && errors.every(({ finding_key }) => answered.has(finding_key)));
  }
});

t.test('reports are as uneven as published ones: editions, blanks, gaps, states, units', async (t) => {
  const found = {
    'a later report on the older request table': sql`reports join revisions on report_id = reports.id
      where year >= 2021 and request_edition = '2019'`,
    'the edition of 2019': sql`revisions where disclosure_edition = '2019'`,
    'the edition of 2021': sql`revisions where request_edition = '2021'`,
    'a blank total beside a figure': sql`request_statistics where total is null and natural_person > 0`,
    'a blank proceeding': sql`review_litigation_counts where total is null and upheld is null`,
    'a proceeding whose total is wrong': sql`review_litigation_counts where total <> upheld + corrected + other + pending`,
    'a row whose total is wrong': sql`request_statistics where total <> natural_person + business + research
      + public_interest + legal_service + other`,
    'a blank cell of section two': sql`disclosure_items where value is null`,
    'an amount without its unit': sql`disclosure_items where measure = 'amount' and unit is null`,
    'an amount in 元': sql`disclosure_items where measure = 'amount' and unit = '元'`,
    'an amount in 万元': sql`disclosure_items where item = 'procurement' and unit = '万元'`,
    'a note of what was printed': sql`cell_notes where raw ~ '元$'`,
    'a report captured in part': sql`revisions where (select count(*) from request_statistics
      where revision_id = revisions.id) < 23`,
    'a warning': sql`revisions where (findings_summary->>'warning')::int > 0`,
    'a report with nothing to find': sql`revisions where (findings_summary->>'error')::int = 0
      and (findings_summary->>'warning')::int = 0`,
    ...Object.fromEntries(
      ['draft', 'submitted', 'published', 'superseded', 'withdrawn'].map((state) => [
        state,
        sql`revisions where state = ${state}`,
      ]),
    ),
  };
  for (const [what, where] of Object.entries(found)) t.ok((await countRows(db, where)) > 0, what);
  const owed = 7 * (await countRows(db, sql`organs`));
  const own = await countRows(db, sql`reports where scope = 'own'`);
  t.ok(own < owed, 'some reports never came');
});

t.test('the service answers from a seeded database', async (t) => {
  const app = await buildApp({ db, adminToken: 'bench' });
  t.teardown(() => app.close());
  const { report_id, body, etag } = await db
    .selectFrom('effective_answers')
    .selectAll()
    .limit(1)
    .executeTakeFirstOrThrow();
  const answer = await app.inject(`/v1/reports/${report_id}`);
  t.equal(answer.statusCode, 200);
  t.equal(answer.body, body);
  t.equal(answer.headers.etag, etag);
  const draft = await db
    .selectFrom('revisions')
    .select('report_id')
    .where('state', '=', 'draft')
    .limit(1)
    .executeTakeFirstOrThrow();
  t.equal((await app.inject(`/v1/reports/${draft.report_id}`)).statusCode, 404, 'drafts stay hidden');
});
