import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { bareDetails } from './error-handler.ts';
import { STATUS_CODES } from './node-http.ts';
import { Problem } from './problem.ts';

/**
 * How long a refused client may go on sending, in milliseconds. Closing at once would reset the answer on its
 * way.
 */
const lingering = 1000;

/** The problem for a client whose request has not arrived as a whole in time (408). */
export const requestTimeout = (): Problem =>
  new Problem('request-timeout', { detail: 'the request has not arrived as a whole in time: send it again' });

/**
 * The problem for bytes that Node could not read as a request, by the code of Node's error. Any other code
 * means that they do not follow HTTP.
 */
function problemOf(code: string): Problem {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem('headers-too-large', { detail: 'the address and the headers together are too large' });
  if (code === 'HPE_INVALID_URL')
    return new Problem('malformed-request', {
      detail: 'the address holds what HTTP does not allow there: percent-encode all that is not ASCII',
    });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return requestTimeout();
  return new Problem('malformed-request', { detail: 'the request does not follow HTTP' });
}

/** Writes a problem as the last answer on a connection that has no request which could be answered. */
export function endWithProblem(socket: Socket, problem: Problem, request_id: string): void {
  const body = JSON.stringify(bareDetails(problem, 'en', request_id));
  const head = [
    `HTTP/1.1 ${problem.statusCode} ${STATUS_CODES[problem.statusCode]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Content-Language: en',
    'Cache-Control: no-store',
    `Date: ${new Date().toUTCString()}`,
    `X-Request-Id: ${request_id}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), lingering).unref();
}

/**
 * Fastify's `clientErrorHandler`: answers what is not a request with a problem and closes the connection.
 * Where an earlier request waits for its answer or is being answered, it only closes the connection: the
 * client would take the problem for that answer.
 */
export function handleClientError(
  this: { log: FastifyBaseLogger },
  error: Error & { code: string },
  socket: Socket & { _httpMessage?: (ServerResponse & { req: IncomingMessage }) | null },
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // More of what has been refused already.
  if (socket.writableEnded) return;
  const answering = socket._httpMessage;
  if (!socket.writable || answering?.headersSent || answering?.req.complete) {
    socket.destroy();
    return;
  }
  const request_id = randomUUID();
  const problem = problemOf(error.code);
  this.log.debug({ request_id, code: problem.code, err: error }, 'no request');
  endWithProblem(socket, problem, request_id);
}

/**
 * A hook that refuses HTTP/1.1 requests without a Host header. Node would refuse them too, but without saying
 * why, so its `requireHostHeader` is off.
 */
export function requireHost(
  { raw }: FastifyRequest,
  _reply: FastifyReply,
  done: (error?: Error) => void,
): void {
  if (raw.httpVersion === '1.1' && raw.headers.host === undefined)
    done(
      new Problem('malformed-request', {
        detail: 'the header Host is missing',
        headers: { connection: 'close' },
      }),
    );
  else done();
}
