import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own. */
export interface Running {
  pid: number;
  url: string;
  stop(): Promise<void>;
}

const root = new URL('../../', import.meta.url);

/**
 * Starts a program that prints where it listens. What it prints afterwards is read and dropped, so that its pipe
 * never fills.
 */
export async function startServer(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Running> {
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: fileURLToPath(root),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout! });
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const ready = /is ready on (http:\/\/[\w.:]+)/.exec(line);
      if (ready) resolve(ready[1]!);
    });
    closed.then(([code]) => reject(new Error(`${args.at(-1)} ended with ${code}`)));
  });
  lines.close();
  child.stdout!.resume();
  return {
    pid: child.pid!,
    url,
    async stop() {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

/** The administrator's token of services started here. */
export const token = 'bench';

/** Starts the service on a database exactly as `npm start` does, with its access log on. */
export async function startService(DATABASE_URL: string, env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const { scripts } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
  const words: string[] = scripts.start.split(' ');
  const command = words.indexOf('node');
  const settings = Object.fromEntries(words.slice(0, command).map((word) => word.split('=')));
  const NODE_OPTIONS = process.env.NODE_OPTIONS ?? '';
  return startServer(words.slice(command + 1), {
    ...settings,
    PORT: '0',
    ADMIN_TOKEN: token,
    LOG_LEVEL: 'info',
    NODE_OPTIONS,
    DATABASE_URL,
    ...env,
  });
}
