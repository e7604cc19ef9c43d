import type { Test } from 'tap';
import { type AppOptions, buildApp } from '../../src/app.ts';
import type { App } from '../../src/http/app-type.ts';
import { createTestDatabase } from './database.ts';

export const adminToken = 'test-administrator';

/** An answer as a client sees it: status, headers, text, and the JSON it holds. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape
  body: any;
}

export interface TestService {
  app: App;
  url: string;
  /** Sends a request over HTTP as the public; bodies that are no string go as JSON. */
  request: (method: string, path: string, options?: RequestOptions) => Promise<Answer>;
  /** The same as the administrator. */
  admin: (method: string, path: string, options?: RequestOptions) => Promise<Answer>;
}

export interface RequestOptions {
  body?: unknown;
  headers?: Record<string, string>;
}

/** Starts the whole service on a database and a port of its own, and stops it when the test ends. */
export async function startService(t: Test, options: Partial<AppOptions> = {}): Promise<TestService> {
  const db = options.db ?? (await createTestDatabase(t)).db;
  const app = await buildApp({ adminToken, ...options, db });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  const request: TestService['request'] = async (method, path, { body, headers = {} } = {}) => {
    const isText = typeof body === 'string' || body instanceof Uint8Array;
    const answer = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined || isText ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isText ? (body as string) : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = /[/+]json/.test(answer.headers.get('content-type') ?? '');
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: isJson && text ? JSON.parse(text) : undefined,
    };
  };
  const admin: TestService['admin'] = (method, path, { headers, ...rest } = {}) =>
    request(method, path, { headers: { authorization: `Bearer ${adminToken}`, ...headers }, ...rest });
  return { app, url, request, admin };
}
