import { envSchema } from 'env-schema';
import { type Static, Type } from 'typebox';
import { defaultMaxInFlight, defaultRateLimit } from './http/guards.ts';
import { defaultKeptMegabytes } from './rollups/reader.ts';

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const databaseUrl = (description: string) =>
  Type.String({
    pattern: '^postgres(ql)?://',
    description,
    examples: ['postgres://user:secret@host:5432/gongkai'],
  });

/** Every environment variable that the service reads. An empty one counts as absent. */
export const Environment = Type.Object({
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: 3000,
    description: 'TCP port to listen on; 0 takes a free one.',
  }),
  HOST: Type.String({
    default: '127.0.0.1',
    description: 'Address to listen on; 0.0.0.0 for every interface.',
  }),
  DATABASE_URL: Type.Optional(
    databaseUrl(
      'PostgreSQL 15 to 18. When absent, an embedded PostgreSQL in DATA_DIR starts and stops with the service.',
    ),
  ),
  READ_DATABASE_URL: Type.Optional(databaseUrl('A replica of DATABASE_URL for public reads.')),
  DATA_DIR: Type.String({
    default: '.data',
    description: 'Folder of the embedded PostgreSQL and of the token made for it; unused with DATABASE_URL.',
  }),
  ADMIN_TOKEN: Type.Optional(
    Type.String({
      pattern: '^[!-~]+$',
      description:
        'Bearer token of the administrator: printable ASCII without spaces. When absent, one is made once and kept in DATA_DIR/admin-token; with DATABASE_URL there is then no administrator.',
    }),
  ),
  OIDC_ISSUER: Type.Optional(
    Type.String({
      pattern: '^(https://[!-~]+|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])([:/][!-~]*)?)$',
      maxLength: 500,
      description:
        'Issuer of OpenID Connect whose tokens (JWT) are accepted, exactly as they name it in `iss`; over https, except on this machine.',
      examples: ['https://login.example.gov.cn/realms/data'],
    }),
  ),
  OIDC_AUDIENCE: Type.Optional(
    Type.String({
      description: 'What the tokens of OIDC_ISSUER must name in `aud`; needed with it.',
      examples: ['gongkai'],
    }),
  ),
  MAX_IN_FLIGHT: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    default: defaultMaxInFlight,
    description:
      'Requests answered at a time; more get 503 and Retry-After at once. Health and metrics are not counted.',
  }),
  RATE_LIMIT: Type.Integer({
    minimum: 0,
    maximum: 1_000_000_000,
    default: defaultRateLimit,
    description:
      'Requests a minute of one token, or of one address without a token; more get 429. 0 is no limit. Each instance counts for itself.',
  }),
  KEPT_ANSWERS_MB: Type.Integer({
    minimum: 0,
    maximum: 1024,
    default: defaultKeptMegabytes,
    description:
      'Megabytes for answers about sums and what they are made of, so that what was asked before is answered at once; 0 keeps none. Which organs and cells there are is kept besides. Restart the service when its database is restored.',
  }),
  CORS_ORIGINS: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s,/]+(,https?://[^\\s,/]+)*$',
      description: 'Origins whose pages may call from a browser, separated by commas; none when absent.',
      examples: ['https://data.example.gov.cn,https://www.example.gov.cn'],
    }),
  ),
  LOG_LEVEL: Type.Unsafe<(typeof levels)[number]>({
    type: 'string',
    enum: [...levels],
    default: 'info',
    description: 'Least severe log line to write.',
  }),
});

export type Config = Static<typeof Environment>;

/** Thrown where the environment does not fit. The message names every fault on a line of its own and no secret. */
export class ConfigError extends Error {
  constructor(faults: readonly string[]) {
    super(['the environment does not fit:', ...faults.map((fault) => `  ${fault}`)].join('\n'));
  }
}

interface AjvFault {
  instancePath: string;
  message?: string;
  params: { allowedValues?: string[] };
}

const inWords = ({ instancePath, message, params }: AjvFault): string =>
  `${instancePath.slice(1)} ${message ?? 'is wrong'}${params.allowedValues ? `: ${params.allowedValues.join(', ')}` : ''}`;

/**
 * The configuration in the environment.
 * @throws {ConfigError} with all faults at once
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const data = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const faults: string[] = [];
  if (data.READ_DATABASE_URL !== undefined && data.DATABASE_URL === undefined)
    faults.push('READ_DATABASE_URL needs DATABASE_URL');
  if ((data.OIDC_ISSUER === undefined) !== (data.OIDC_AUDIENCE === undefined))
    faults.push('OIDC_ISSUER and OIDC_AUDIENCE need each other');
  try {
    // env-schema writes into the schema it is given.
    const config = envSchema<Config>({ schema: structuredClone(Environment), data, env: false });
    if (faults.length === 0) return config;
  } catch (error) {
    const found = (error as { errors?: AjvFault[] }).errors;
    if (found === undefined) throw error;
    faults.push(...found.map(inWords));
  }
  throw new ConfigError(faults);
}
