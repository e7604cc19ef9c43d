import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

/** The service as a process of its own, as `npm start` runs it. */

const server = fileURLToPath(new URL('../../src/server.ts', import.meta.url));

export interface ServiceProcess {
  child: ChildProcess;
  /** Where it listens; undefined when it ended before it was ready. */
  url: string | undefined;
  /** Milliseconds from start to ready, or to its end. */
  took: number;
  /** Everything it printed so far. */
  output: () => string;
  /** Sends a signal and answers the exit code; null after SIGKILL. */
  end: (signal: NodeJS.Signals) => Promise<number | null>;
  exitCode: Promise<number | null>;
}

/** Starts the service and waits until it is ready, or has ended. */
export async function startProcess(t: Test, env: NodeJS.ProcessEnv): Promise<ServiceProcess> {
  const began = performance.now();
  const inherited = { ...process.env };
  for (const name of ['DATABASE_URL', 'READ_DATABASE_URL', 'ADMIN_TOKEN', 'LOG_LEVEL', 'HOST'])
    delete inherited[name];
  const child = spawn(process.execPath, [server], {
    env: { ...inherited, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exitCode;
  };
  t.teardown(() => end('SIGTERM'));
  const url = await new Promise<string | undefined>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        printed += data;
        const ready = /is ready on (http:\S+?),/.exec(printed);
        if (ready) resolve(ready[1]);
      });
    exitCode.then(() => resolve(undefined));
  });
  return { child, url, took: performance.now() - began, output: () => printed, end, exitCode };
}
