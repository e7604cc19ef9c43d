import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { globSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { migrate } from '../../src/db/migrate.ts';
import { execute, maintenanceVariable, onSameServer, templateVariable } from './database.ts';
import { passing } from './folder.ts';
import { disposable, temporaryServer } from './temporary-server.ts';

/**
 * What `npm test [-- files, folders or tap options]` runs: tap, beside a PostgreSQL server of its own that goes
 * afterwards, or on the server of TEST_DATABASE_URL. The last line counts the asserts. `npm run test:coverage` runs it with
 * `--coverage`, which takes a fifth longer and wants enough lines of the service covered.
 */

/** Least share of lines that all tests must cover, percent. */
const leastLinesCovered = 95;

const root = fileURLToPath(new URL('../../', import.meta.url));
const tap = fileURLToPath(new URL('../../node_modules/tap/dist/esm/run.mjs', import.meta.url));
/** Compiled modules: each test file is a process that loads the whole service, and so are those it starts. */
const compileCache = join(root, '.tap/compile-cache');
const builtTap = join(root, 'node_modules/@tapjs/test/test-built');

let interrupted: NodeJS.Signals | undefined;
let child: ReturnType<typeof spawn> | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (!interrupted) child?.kill(signal);
    interrupted = signal;
  });

/** Runs tap to its end; its exit code, 1 after a signal. `lines` receives what it prints. */
async function runTap(
  args: string[],
  env: NodeJS.ProcessEnv,
  lines?: (line: string) => void,
): Promise<number> {
  if (interrupted) return 1;
  const running = spawn(process.execPath, [tap, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['inherit', lines ? 'pipe' : 'inherit', 'inherit'],
  });
  child = running;
  if (lines && running.stdout) createInterface({ input: running.stdout }).on('line', lines);
  return new Promise((resolve, reject) => {
    running.on('error', reject);
    running.on('close', (code) => resolve(code ?? 1));
  });
}

/** tap's plugins are compiled into node_modules once for each set of them. */
async function buildTap() {
  const wanted = createHash('sha256')
    .update(await readFile(join(root, '.taprc')))
    .digest('hex');
  const stamp = join(builtTap, 'gongkai-stamp');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return;
  if ((await runTap(['build'], {})) !== 0) throw new Error('tap could not build its plugins');
  await writeFile(stamp, wanted);
}

/** Without a terminal: the results of files, and everything about what failed. */
function condensed(): (line: string) => void {
  let inFailure = false;
  return (line) => {
    if (/^\s*not ok /.test(line)) inFailure = true;
    else if (/^\s*(ok |# Subtest)/.test(line)) inFailure = false;
    if (line.trim() && (inFailure || /^\S/.test(line))) console.log(line);
    if (/^\s*\.\.\.$/.test(line)) inFailure = false;
  };
}

/** Passed and failed asserts as tap's TAP output sums them up at its end. */
function count(output: string): { passed: number; failed: number } {
  const summary = [...output.matchAll(/^# \{ total: \d+.*\}$/gm)].at(-1)?.[0] ?? '';
  const of = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(summary)?.[1] ?? 0);
  return { passed: of('pass'), failed: summary ? of('fail') : 1 };
}

async function linesCovered(): Promise<number> {
  const summary = JSON.parse(await readFile(join(root, '.tap/report/coverage-summary.json'), 'utf8'));
  return summary.total.lines.pct;
}

async function main(): Promise<number> {
  const measuresCoverage = process.argv.includes('--coverage');
  const args = process.argv
    .slice(2)
    .filter((arg) => arg !== '--coverage')
    .flatMap((arg) =>
      statSync(arg, { throwIfNoEntry: false })?.isDirectory() ? globSync(`${arg}/**/*.test.ts`) : [arg],
    );
  const external = process.env.TEST_DATABASE_URL;
  const scratch = await mkdtemp(join(tmpdir(), 'gongkai-run-'));
  const server = external ? undefined : await temporaryServer(disposable, passing);
  const maintenance = external ?? server!.url('postgres');
  const template = `gongkai_template_${randomBytes(4).toString('hex')}`;
  try {
    await execute(maintenance, `create database ${template} template template0 encoding 'UTF8'`);
    await migrate(onSameServer(maintenance, template));
    await buildTap();
    const output = join(scratch, 'output.tap');
    const options = [...(measuresCoverage ? [] : ['--disable-coverage']), ...args];
    const env = {
      [maintenanceVariable]: maintenance,
      [templateVariable]: template,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? compileCache,
    };
    const results: string[] = [];
    let code: number;
    if (process.stdout.isTTY) {
      code = await runTap(['--output-file', output, ...options], env);
      results.push(await readFile(output, 'utf8').catch(() => ''));
    } else {
      const show = condensed();
      code = await runTap(['--reporter=tap', ...options], env, (line) => {
        results.push(line);
        show(line);
      });
    }
    const { passed, failed } = count(results.join('\n'));
    let shortfall = 0;
    if (measuresCoverage && code === 0 && (await linesCovered()) < leastLinesCovered) {
      console.log(
        `not ok - ${await linesCovered()} % of lines are covered, ${leastLinesCovered} % are required`,
      );
      shortfall = 1;
    }
    const failures = failed + shortfall || (code === 0 ? 0 : 1);
    console.log(`${passed} passed, ${failures} failed`);
    return interrupted || failures > 0 ? 1 : 0;
  } finally {
    if (external)
      await execute(maintenance, `drop database if exists ${template} with (force)`).catch(() => {});
    await server?.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

process.exitCode = await main();
