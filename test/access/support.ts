import type { Answer, RequestOptions, TestService } from '../support/app.ts';
import { createOrgan } from '../support/reports.ts';

export interface Reach {
  role: string;
  organ_id?: string | null;
  include_subtree?: boolean;
}

/** A caller with a key of its own. */
export interface Caller {
  key: { id: string; secret: string };
  /** What the service stores of what it does. */
  id: string;
  request: (method: string, path: string, options?: RequestOptions) => Promise<Answer>;
}

/** Requests with a bearer token. */
export const as =
  (service: TestService, token: string): Caller['request'] =>
  (method, path, { headers, ...rest } = {}) =>
    service.request(method, path, { headers: { authorization: `Bearer ${token}`, ...headers }, ...rest });

/** A new key with these grants. */
export async function createCaller(service: TestService, grants: Reach[]): Promise<Caller> {
  const { status, body, text } = await service.admin('POST', '/v1/api-keys', {
    body: { label: '测试', grants },
  });
  if (status !== 201) throw new Error(text);
  return { key: body, id: `key:${body.id}`, request: as(service, body.secret) };
}

/** A province, a city below it, two counties below the city, and another province. */
export async function createTree(service: TestService) {
  const province = await createOrgan(service, { level: 'province' });
  const city = await createOrgan(service, { level: 'city', parent_id: province });
  const county = await createOrgan(service, { parent_id: city });
  const sibling = await createOrgan(service, { parent_id: city });
  const elsewhere = await createOrgan(service, { level: 'province' });
  return { province, city, county, sibling, elsewhere };
}
