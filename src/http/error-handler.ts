import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import {
  Problem,
  type ProblemCode,
  type ProblemOptions,
  type RequestFault,
  titleOf,
  unknownOrgan,
} from './problem.ts';
import { withLaterParts } from './validation.ts';

/** Problems for errors that the framework raises itself, before or around a handler. */
const frameworkProblems: Record<string, ProblemCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed-json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed-request',
  FST_ERR_BAD_URL: 'malformed-request',
  FST_ERR_MAX_PARAM_LENGTH: 'not-found',
};

/** Problems for what the database refuses, by the name of the constraint. */
const constraintProblems: Record<string, [ProblemCode, ProblemOptions]> = {
  reports_organ_id_fkey: refused(unknownOrgan('/organ_id')),
  organs_parent_id_fkey: refused(unknownOrgan('/parent_id')),
  organs_successor_id_fkey: refused(unknownOrgan('/successor_id')),
  organs_credit_code_key: [
    'credit-code-exists',
    { detail: 'a credit code belongs to one organ: GET /v1/organs?credit_code=… names the one that has it' },
  ],
  reports_natural_key: ['report-exists', {}],
  grants_once: ['grant-exists', { detail: 'a role is granted once to the same caller for the same organ' }],
  grants_organ_id_fkey: refused(unknownOrgan('/organ_id')),
  revisions_one_open: ['draft-exists', {}],
};

function refused(fault: RequestFault): [ProblemCode, ProblemOptions] {
  return ['invalid-request', { errors: [fault] }];
}

const unreachable: ProblemOptions = {
  detail: 'the database does not answer at the moment',
  headers: { 'retry-after': '1' },
};

/** Problems for SQLSTATEs (and classes of them) that mean something to the caller. All others are our fault. */
const stateProblems: [RegExp, ProblemCode, ProblemOptions?][] = [
  [/^GK001$/, 'immutable'],
  [/^GK002$/, 'wrong-state'],
  [/^23/, 'conflict'],
  [/^22(P02|P05|003|007|008|021|023)$/, 'invalid-request'],
  [/^(08|53|40|55P03|57014|57P0|25P0[34])/, 'unavailable', unreachable],
];

interface DatabaseError extends Error {
  code: string;
  constraint?: string;
}

const isDatabaseError = (error: Error): error is DatabaseError =>
  'code' in error &&
  typeof error.code === 'string' &&
  /^[0-9A-Z]{5}$/.test(error.code) &&
  'severity' in error;

/** Whether the database refused a null or a value that an earlier check should have refused. */
const isUnchecked = (error: Error): boolean => isDatabaseError(error) && /^23(502|514)$/.test(error.code);

/** Whether the connection to the database was lost or given up. */
const isConnectionError = (error: Error): boolean =>
  ('code' in error && /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/.test(String(error.code))) ||
  // The socket of a server on this machine does not exist.
  ('code' in error && error.code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') ||
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout/.test(error.message);

/** The one place where an error becomes a problem. */
export function toProblem(error: Error): Problem {
  if (error instanceof Problem) return error;
  if (isDatabaseError(error)) {
    const byConstraint = error.constraint === undefined ? undefined : constraintProblems[error.constraint];
    if (byConstraint) return new Problem(...byConstraint);
    const byState = stateProblems.find(([pattern]) => pattern.test(error.code));
    return byState ? new Problem(byState[1], byState[2]) : new Problem('internal');
  }
  const framework = 'code' in error ? frameworkProblems[String(error.code)] : undefined;
  if (framework) return new Problem(framework, { detail: error.message });
  // Before connections to the database: a client whose own connection breaks off is an error with a status.
  const status = (error as FastifyError).statusCode;
  if (error instanceof SyntaxError && status === 400)
    return new Problem('malformed-json', { detail: error.message });
  if (status !== undefined && status >= 400 && status < 500)
    return new Problem('malformed-request', { detail: error.message });
  if (isConnectionError(error)) return new Problem('unavailable', unreachable);
  return new Problem('internal');
}

/** Says which media types the body of an operation may have. */
function bodyAdvice({ routeOptions: { schema } }: FastifyRequest): string {
  const body = schema?.body as { content?: Record<string, unknown> } | undefined;
  if (body === undefined) return 'this operation takes no body';
  return `send ${Object.keys(body.content ?? { 'application/json': {} }).join(' or ')}`;
}

export function handleError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void {
  const { validationContext: part, code } = error as FastifyError;
  const found =
    code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE'
      ? new Problem('unsupported-media-type', { detail: bodyAdvice(request) })
      : toProblem(error);
  const problem = part === undefined || part === 'headers' ? found : withLaterParts(found, part, request);
  if (problem.statusCode >= 500 || isUnchecked(error)) request.log.error({ err: error }, problem.message);
  else request.log.debug({ code: problem.code, errors: problem.options.errors }, problem.message);
  sendProblem(problem, request, reply);
}

/**
 * Answers a method that a path does not have in the same way as an unknown path: in neither case is there an
 * operation.
 */
export function handleNotFound(request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(
    new Problem('not-found', { detail: `no operation ${request.method} at this path; /docs lists them` }),
    request,
    reply,
  );
}

type Language = 'zh-CN' | 'en';

const languageOf = (request: FastifyRequest): Language =>
  prefersChinese(request.headers['accept-language']) ? 'zh-CN' : 'en';

/** The problem details for a request, in the language that it prefers. */
export const problemDetails = (problem: Problem, request: FastifyRequest) =>
  bareDetails(problem, languageOf(request), request.id, request.url.split('?')[0]);

/** The same where nothing is known of a request except the id that it was given. */
export function bareDetails(problem: Problem, language: Language, request_id: string, instance?: string) {
  const { detail, errors, members } = problem.options;
  const title = titleOf(problem.code);
  return {
    type: `urn:gongkai:problem:${problem.code}`,
    title: language === 'en' ? title.en : title.zh,
    status: problem.statusCode,
    ...(detail === undefined ? {} : { detail }),
    ...(instance === undefined ? {} : { instance }),
    code: problem.code,
    request_id,
    ...(errors === undefined ? {} : { errors }),
    ...members,
  };
}

/** Answers with a problem, for places where a thrown one would be logged as a fault. */
export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  const { headers } = problem.options;
  if (problem.statusCode === 401) reply.header('www-authenticate', 'Bearer');
  reply
    .code(problem.statusCode)
    .headers({ 'content-language': languageOf(request), 'cache-control': 'no-store', ...headers })
    .type('application/problem+json')
    .serializer((value: unknown) => JSON.stringify(value))
    .send(problemDetails(problem, request));
}

/** Whether a caller prefers Chinese titles (RFC 9110 quality values); English is the fallback. */
function prefersChinese(header: string | undefined): boolean {
  const quality = { zh: 0, en: 0 };
  for (const range of header?.split(',') ?? []) {
    const [tag = '', ...parameters] = range.trim().toLowerCase().split(';');
    const language = tag.split('-')[0];
    const weight = Number(
      parameters
        .find((p) => p.trim().startsWith('q='))
        ?.trim()
        .slice(2) ?? 1,
    );
    if (language === 'zh' || language === 'en') quality[language] = Math.max(quality[language], weight);
  }
  return quality.zh > quality.en;
}
