import { type Static, Type } from 'typebox';
import { keys, nullable, ref } from '../http/schema-parts.ts';
import { roles } from './principal.ts';

const uuid = (description: string) => Type.String({ format: 'uuid', description });
const orNull = (description: string, options: object = {}) =>
  nullable<string>('string', { ...options, description });
const time = (description: string) => Type.String({ format: 'date-time', description });
const timeOrNull = (description: string) => orNull(description, { format: 'date-time' });

const role = keys(roles, {
  description:
    '`preparer` files, edits, answers, submits and corrects; `supervisor` returns, publishes and withdraws below the organ; `auditor` reads everything and writes nothing; `admin` may do everything.',
});
const organ_id = orNull(
  'The organ the grant is about. null is everything: always for `admin`, possible for `auditor`.',
  { format: 'uuid' },
);
const include_subtree = Type.Boolean({
  description:
    'Whether it reaches the organ and everything below it. Without it a preparer or auditor reaches the organ alone, a supervisor the organs directly below it.',
});
const issuer = { minLength: 1, maxLength: 500 };
const subject = { minLength: 1, maxLength: 255 };

const label = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^\\S(.*\\S)?$',
  description: 'The name of the key, without spaces around it: what it is for.',
});

const made = {
  created_at: time('When it was made.'),
  created_by: Type.String({ description: 'Who made it.' }),
};

const example = {
  key: '01938c5e-7b1a-7c3e-9a51-2f1de0a4c0a1',
  grant: '01938c5e-7b1a-7c3e-9a51-2f1de0a4c0b1',
  organ: '01938c5e-7b1a-7c3e-9a51-2f1de0a4c001',
  made: { created_at: '2026-01-05T02:00:00.000Z', created_by: 'admin' },
};
const reachExample = { role: 'preparer', organ_id: example.organ, include_subtree: false };

export const Reach = Type.Object(
  { role, organ_id: Type.Optional(organ_id), include_subtree: Type.Optional(include_subtree) },
  {
    $id: 'Reach',
    description: 'A role and the organs it reaches. What is left out is null and false.',
    examples: [reachExample],
  },
);
export type Reach = Static<typeof Reach>;

export const NewGrant = Type.Object(
  {
    api_key_id: Type.Optional(orNull('The key it is for.', { format: 'uuid' })),
    issuer: Type.Optional(orNull('With `subject`, the person it is for: `iss` of their tokens.', issuer)),
    subject: Type.Optional(orNull('With `issuer`, the person it is for: `sub` of their tokens.', subject)),
    ...Reach.properties,
  },
  {
    $id: 'NewGrant',
    description: 'A grant for a key, or for a person by `issuer` and `subject`: one of the two.',
    examples: [{ issuer: 'https://login.example.gov.cn', subject: '10086', ...reachExample }],
  },
);
export type NewGrant = Static<typeof NewGrant>;

const granted = {
  id: uuid('The id of the grant.'),
  role,
  organ_id,
  include_subtree,
  ...made,
};
export const KeyGrant = Type.Object(granted, {
  $id: 'KeyGrant',
  description: 'What a key may do.',
  examples: [{ id: example.grant, ...reachExample, ...example.made }],
});

export const Grant = Type.Object(
  {
    ...granted,
    api_key_id: orNull('The key it is for; null where it is for a person.', { format: 'uuid' }),
    issuer: orNull('`iss` of the tokens of the person it is for; null for a key.'),
    subject: orNull('`sub` of the tokens of the person it is for; null for a key.'),
  },
  {
    $id: 'Grant',
    description: 'What a key or a person may do.',
    examples: [
      {
        id: example.grant,
        ...reachExample,
        ...example.made,
        api_key_id: null,
        issuer: 'https://login.example.gov.cn',
        subject: '10086',
      },
    ],
  },
);

export const NewApiKey = Type.Object(
  {
    label,
    expires_at: Type.Optional(
      time('When it stops working: at most two years ahead. A year from now when left out.'),
    ),
    grants: Type.Array(ref<Reach>('Reach'), {
      maxItems: 100,
      description: 'What the key may do; nothing when empty.',
    }),
  },
  {
    $id: 'NewApiKey',
    description: 'An API key to make.',
    examples: [{ label: '宿迁市数据局填报系统', grants: [reachExample] }],
  },
);
export type NewApiKey = Static<typeof NewApiKey>;

const key = {
  id: uuid('The id of the key.'),
  label,
  prefix: Type.String({ description: 'How its secret begins.' }),
  ...made,
  expires_at: time('When it stops working.'),
  last_used_at: timeOrNull('When it was used last, exact to a minute; null before its first use.'),
  revoked_at: timeOrNull('When it was revoked; null while it was not.'),
  grants: Type.Array(ref<Static<typeof KeyGrant>>('KeyGrant'), {
    description: 'What it may do.',
  }),
};
const keyExample = {
  id: example.key,
  label: '宿迁市数据局填报系统',
  prefix: 'gk_x7Tq2a',
  ...example.made,
  expires_at: '2027-01-05T02:00:00.000Z',
  last_used_at: null,
  revoked_at: null,
  grants: [{ id: example.grant, ...reachExample, ...example.made }],
};
export const ApiKey = Type.Object(key, {
  $id: 'ApiKey',
  description: 'An API key without its secret, which is not kept.',
  examples: [keyExample],
});

export const CreatedApiKey = Type.Object(
  {
    ...key,
    secret: orNull(
      'The token to send as `Authorization: Bearer`. It is shown this once; null where an Idempotency-Key repeats the answer.',
    ),
  },
  {
    $id: 'CreatedApiKey',
    description: 'A new API key with its secret.',
    examples: [{ ...keyExample, secret: 'gk_x7Tq2aJ0mVn4b1rC8dYw5kZsE3uHpLfG6iRtA9oQvXM' }],
  },
);
