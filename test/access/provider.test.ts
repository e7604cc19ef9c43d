import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK } from 'jose';
import { Provider } from 'oidc-provider';
import t, { type Test } from 'tap';
import { startService } from '../support/app.ts';
import { createOrgan, fileReport, move } from '../support/reports.ts';
import { audience, newKey } from './issuer.ts';
import { as } from './support.ts';

/** A real OpenID Connect provider, with two systems that get their tokens from it by client credentials. */
async function startProvider(t: Test) {
  // Its address must be known before it is made: the port is taken first.
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const key = await newKey('provider-key', 'ES256');
  const client = (client_id: string) => ({
    client_id,
    client_secret: `${client_id} secret`,
    grant_types: ['client_credentials'],
    id_token_signed_response_alg: 'ES256' as const,
    redirect_uris: [],
    response_types: [],
  });
  const provider = new Provider(issuer, {
    jwks: {
      keys: [{ ...(await exportJWK(key.privateKey)), kid: key.kid, alg: key.alg, use: 'sig' } as never],
    },
    clients: [client('filing-system'), client('supervising-system')],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: '',
          audience: resource === 'urn:gongkai' ? audience : 'something else',
          accessTokenFormat: 'jwt',
          accessTokenTTL: 60,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  });
  server.on('request', provider.callback());
  const tokenOf = async (client_id: string, resource = 'urn:gongkai'): Promise<string> => {
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${client_id}:${encodeURIComponent(`${client_id} secret`)}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource }),
    });
    const body = (await answer.json()) as { access_token?: string };
    if (body.access_token === undefined) throw new Error(JSON.stringify(body));
    return body.access_token;
  };
  return { issuer, tokenOf };
}

t.test('two systems file and publish with tokens of a real provider', async (t) => {
  const { issuer, tokenOf } = await startProvider(t);
  const service = await startService(t, { oidc: { issuer, audience } });
  const city = await createOrgan(service, { level: 'city' });
  const organ_id = await createOrgan(service, { parent_id: city });
  const filing = as(service, await tokenOf('filing-system'));
  const supervising = as(service, await tokenOf('supervising-system'));
  const elsewhere = as(service, await tokenOf('filing-system', 'urn:elsewhere'));

  const document = { organ_id, year: 2023, scope: 'own' };
  t.equal(
    (await elsewhere('POST', '/v1/reports', { body: document })).status,
    401,
    'a token for another service',
  );
  t.equal((await filing('POST', '/v1/reports', { body: document })).status, 403, 'a system without a grant');
  for (const grant of [
    { subject: 'filing-system', role: 'preparer', organ_id },
    { subject: 'supervising-system', role: 'supervisor', organ_id: city },
  ])
    t.equal((await service.admin('POST', '/v1/grants', { body: { issuer, ...grant } })).status, 201);

  const report = await fileReport({ ...service, admin: filing }, document);
  const submitted = await move({ ...service, admin: filing }, report, 'submit');
  t.equal(
    (await filing('POST', `/v1/reports/${report.id}/publish`, { headers: { 'if-match': '*' } })).status,
    403,
  );
  const published = await move({ ...service, admin: supervising }, submitted, 'publish');
  t.equal(published.body.state, 'published');
  const { items } = (await service.admin('GET', `/v1/audit?resource_id=${report.id}`)).body;
  t.same(
    items.map((entry: { action: string; principal: string }) => [entry.action, entry.principal]),
    [
      ['create', `oidc:${issuer}#filing-system`],
      ['submit', `oidc:${issuer}#filing-system`],
      ['publish', `oidc:${issuer}#supervising-system`],
    ],
  );
});
