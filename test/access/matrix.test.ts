import assert from 'node:assert/strict';
import { sql } from 'kysely';
import t from 'tap';
import { startService } from '../support/app.ts';
import { createOrgan, type Filed, fileReport, move } from '../support/reports.ts';
import { type Caller, createCaller, createTree, type Reach } from './support.ts';

/**
 * Every role × relation to the organ × state × action: what the report's `actions` say and what the routes do are
 * compared with each other, and both with tables that are written here by hand.
 */

const service = await startService(t);
const { province, city, county, sibling, elsewhere } = await createTree(service);

type Power = 'nothing' | 'read' | 'prepare' | 'supervise' | 'everything';

/** Grants and what they amount to for reports of the county. */
const callers: [string, Reach[] | 'public', Power][] = [
  ['the public', 'public', 'nothing'],
  ['a key without grants', [], 'nothing'],
  ['an administrator', [{ role: 'admin' }], 'everything'],

  ['a preparer of the organ', [{ role: 'preparer', organ_id: county }], 'prepare'],
  [
    'a preparer of the organ and below',
    [{ role: 'preparer', organ_id: county, include_subtree: true }],
    'prepare',
  ],
  ['a preparer of the parent alone', [{ role: 'preparer', organ_id: city }], 'nothing'],
  [
    'a preparer of the parent and below',
    [{ role: 'preparer', organ_id: city, include_subtree: true }],
    'prepare',
  ],
  [
    'a preparer two above and below',
    [{ role: 'preparer', organ_id: province, include_subtree: true }],
    'prepare',
  ],
  ['a preparer of a sibling', [{ role: 'preparer', organ_id: sibling, include_subtree: true }], 'nothing'],
  ['a preparer elsewhere', [{ role: 'preparer', organ_id: elsewhere, include_subtree: true }], 'nothing'],

  ['a supervisor below the organ', [{ role: 'supervisor', organ_id: county }], 'nothing'],
  [
    'a supervisor of the organ and below',
    [{ role: 'supervisor', organ_id: county, include_subtree: true }],
    'supervise',
  ],
  ['a supervisor directly below the parent', [{ role: 'supervisor', organ_id: city }], 'supervise'],
  [
    'a supervisor of all below the parent',
    [{ role: 'supervisor', organ_id: city, include_subtree: true }],
    'supervise',
  ],
  ['a supervisor directly below two above', [{ role: 'supervisor', organ_id: province }], 'nothing'],
  [
    'a supervisor of all below two above',
    [{ role: 'supervisor', organ_id: province, include_subtree: true }],
    'supervise',
  ],
  [
    'a supervisor of a sibling',
    [{ role: 'supervisor', organ_id: sibling, include_subtree: true }],
    'nothing',
  ],
  ['a supervisor elsewhere', [{ role: 'supervisor', organ_id: elsewhere, include_subtree: true }], 'nothing'],

  ['an auditor of everything', [{ role: 'auditor' }], 'read'],
  ['an auditor of the organ', [{ role: 'auditor', organ_id: county }], 'read'],
  ['an auditor of the parent alone', [{ role: 'auditor', organ_id: city }], 'nothing'],
  [
    'an auditor of the parent and below',
    [{ role: 'auditor', organ_id: city, include_subtree: true }],
    'read',
  ],
  ['an auditor of a sibling', [{ role: 'auditor', organ_id: sibling, include_subtree: true }], 'nothing'],
];

const actions = ['edit', 'answer', 'submit', 'return', 'publish', 'correct', 'withdraw', 'delete'] as const;
type Action = (typeof actions)[number];

const powers: Record<Power, readonly Action[]> = {
  nothing: [],
  read: [],
  prepare: ['edit', 'answer', 'submit', 'correct', 'delete'],
  supervise: ['return', 'publish', 'withdraw'],
  everything: actions,
};

const reason = { reason: '理由' };
/** How a report of the county comes into each state, what can be done then, and whether the public sees it. */
const states: Record<
  string,
  { make: () => Promise<Filed>; possible: readonly Action[]; isPublic: boolean; isOpen: boolean }
> = {
  draft: {
    make: () => fileReport(service, { organ_id: county, year: 2023, scope: 'own' }),
    possible: ['edit', 'answer', 'submit', 'delete'],
    isPublic: false,
    isOpen: true,
  },
  submitted: {
    make: async () => move(service, await states.draft!.make(), 'submit'),
    possible: ['return', 'publish', 'delete'],
    isPublic: false,
    isOpen: true,
  },
  published: {
    make: async () => move(service, await states.submitted!.make(), 'publish'),
    possible: ['correct', 'withdraw'],
    isPublic: true,
    isOpen: false,
  },
  'published with a correction': {
    make: async () => {
      const { id } = await states.published!.make();
      const { status, headers, body } = await service.admin('POST', `/v1/reports/${id}/revisions`, {
        body: reason,
      });
      if (status !== 201) throw new Error(JSON.stringify(body));
      return { id, etag: headers.get('etag')!, body };
    },
    possible: ['edit', 'answer', 'submit', 'withdraw'],
    isPublic: true,
    isOpen: true,
  },
  withdrawn: {
    make: async () => move(service, await states.published!.make(), 'withdraw', reason),
    possible: ['correct'],
    isPublic: false,
    isOpen: false,
  },
};

/** Takes an action; `allowed`, or the code of the problem. */
async function attempt(request: Caller['request'], action: Action, id: string): Promise<string> {
  const path = `/v1/reports/${id}`;
  const headers = { 'if-match': '*' };
  const calls: Record<Action, () => ReturnType<Caller['request']>> = {
    edit: () => request('PUT', `${path}/draft`, { body: {}, headers }),
    answer: () => request('POST', `${path}/answers`, { body: { finding_key: 'none', text: '无' }, headers }),
    submit: () => request('POST', `${path}/submit`, { headers }),
    return: () => request('POST', `${path}/return`, { body: reason, headers }),
    publish: () => request('POST', `${path}/publish`, { headers }),
    correct: () => request('POST', `${path}/revisions`, { body: reason, headers }),
    withdraw: () => request('POST', `${path}/withdraw`, { body: reason, headers }),
    delete: () => request('DELETE', path, { headers }),
  };
  const { status, body, text } = await calls[action]();
  if (status < 300) return 'allowed';
  assert.ok(body.detail || body.errors, text);
  // The guard is passed: what is refused is the key of a finding that does not exist.
  if (action === 'answer' && status === 400 && body.errors[0].code === 'unknown-finding') return 'allowed';
  return body?.code ?? text;
}

/** What leaves the report as it is when it succeeds. */
const harmless: readonly Action[] = ['edit', 'answer'];

const requests = new Map<string, Caller['request']>();
for (const [name, grants] of callers)
  requests.set(name, grants === 'public' ? service.request : (await createCaller(service, grants)).request);

for (const [state, { make, possible, isPublic, isOpen }] of Object.entries(states))
  t.test(`what may be done with a report that is ${state}`, async (t) => {
    const fresh = async () => {
      await sql`truncate reports cascade`.execute(service.app.db);
      return (await make()).id;
    };
    let id = await fresh();
    for (const [name, grants, power] of callers) {
      const request = requests.get(name)!;
      const sees = isPublic || power !== 'nothing';
      const shown = await request('GET', `/v1/reports/${id}`);
      t.equal(shown.status, sees ? 200 : 404, `${name} reads the report`);
      if (sees) t.equal(shown.body.has_draft, power !== 'nothing' && isOpen, `${name} is told of a draft`);
      const draft = await request('GET', `/v1/reports/${id}/draft`);
      t.equal(
        draft.status,
        grants === 'public' ? 401 : power !== 'nothing' && isOpen ? 200 : 404,
        `${name} reads the draft`,
      );
      for (const action of actions) {
        const permitted = powers[power].includes(action);
        const refusal = grants === 'public' ? 'unauthorized' : sees ? 'forbidden' : 'not-found';
        const done = await attempt(request, action, id);
        if (!permitted) t.equal(done, refusal, `${name} may not ${action}`);
        else if (possible.includes(action)) t.equal(done, 'allowed', `${name} can ${action}`);
        else t.not(done, 'allowed', `${name} cannot ${action} now`);
        if (sees) {
          const said = shown.body.actions.find((each: { name: string }) => each.name === action);
          t.equal(said.allowed ? 'allowed' : said.reasons[0], done, `${name} was told so of ${action}`);
        }
        if (done === 'allowed' && !harmless.includes(action)) id = await fresh();
      }
    }
  });

t.test('who submitted a revision cannot publish it without a supervisor grant', async (t) => {
  const submitted = async (caller: Caller) => {
    const organ_id = await createOrgan(service, { parent_id: county });
    const { id } = await fileReport(service, { organ_id, year: 2023, scope: 'own' });
    const { status, body } = await caller.request('POST', `/v1/reports/${id}/submit`, {
      headers: { 'if-match': '*' },
    });
    t.equal(status, 200);
    return { id, publish: body.actions.find((each: { name: string }) => each.name === 'publish') };
  };
  const preparer: Reach = { role: 'preparer', organ_id: county, include_subtree: true };
  const alone = await createCaller(service, [preparer]);
  const both = await createCaller(service, [preparer, { role: 'supervisor', organ_id: county }]);
  const admin = await createCaller(service, [{ role: 'admin' }]);

  const mine = await submitted(alone);
  t.same(mine.publish, { name: 'publish', allowed: false, reasons: ['same-person'] });
  t.equal(await attempt(alone.request, 'publish', mine.id), 'same-person');
  const other = await createCaller(service, [preparer]);
  t.equal(
    await attempt(other.request, 'publish', mine.id),
    'forbidden',
    'another preparer may not publish at all',
  );
  t.equal(await attempt(both.request, 'publish', mine.id), 'allowed', 'a supervisor may');

  for (const caller of [both, admin]) {
    const { id, publish } = await submitted(caller);
    t.equal(publish.allowed, true);
    t.equal(await attempt(caller.request, 'publish', id), 'allowed');
  }
});
