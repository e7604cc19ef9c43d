import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { type Config, ConfigError, readConfig } from './config.ts';
import { startService } from './service.ts';

/**
 * The process. It reads the configuration and starts the service. After a signal it stops accepting requests,
 * finishes those under way and closes.
 */

/**
 * How long load balancers have to notice that this instance is no longer ready, in milliseconds. It is short for the
 * signals of a terminal, because a person waits.
 */
const noticeMilliseconds = { SIGTERM: 1_500, SIGINT: 50, SIGHUP: 50 };

/**
 * What went wrong, in words for a person. The error of a connection that was tried at several addresses has no
 * message of its own.
 */
const reason = (error: Error & { code?: string }): string => {
  if (error.code === 'EADDRINUSE')
    return `${error.message}: give this instance another PORT, or stop the other one`;
  return error instanceof AggregateError && !error.message
    ? error.errors.map((each: Error) => each.message).join(', ')
    : error.message;
};

function configuration(): Config {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

const config = configuration();
// Lines are written several at a time, at most 200 ms late. A write for each request would cost as much as making its
// line.
const log = pino.destination({ minLength: 4096, periodicFlush: 200, sync: true });
process.on('exit', () => log.flushSync());
const logger = pino({ level: config.LOG_LEVEL }, log);
const stopping = new AbortController();
const hurry = new AbortController();
let notice = 0;

const stop = (milliseconds: number) => {
  notice = milliseconds;
  stopping.abort();
};
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => {
    // npm passes on a Ctrl-C that the terminal has sent already, so a second signal only shortens the notice.
    if (stopping.signal.aborted) hurry.abort();
    else stop(noticeMilliseconds[signal]);
  });
const fail = (error: unknown) => {
  logger.fatal({ err: error }, 'the service failed and stops');
  process.exitCode = 1;
  stop(0);
};
process.on('uncaughtException', fail).on('unhandledRejection', fail);

try {
  const service = await startService(config, logger, stopping.signal);
  log.flushSync();
  if (!stopping.signal.aborted)
    await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }));
  service.app.readiness.ready = false;
  await sleep(notice, undefined, { signal: hurry.signal }).catch(() => {});
  await service.close();
  logger.info('stopped');
} catch (error) {
  if (!stopping.signal.aborted) {
    logger.fatal(`the service cannot start: ${reason(error as Error)}`);
    logger.debug({ err: error });
    process.exitCode = 1;
  }
}
process.exit();
