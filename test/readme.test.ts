import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { adminToken, startService } from './support/app.ts';

const root = new URL('../', import.meta.url);

/** Each shell block of the tour with the output shown below it, if any. */
function tour(readme: string): { commands: string; shown: string }[] {
  const section = readme.slice(readme.indexOf('## Five minutes'), readme.indexOf('## A country to ask'));
  return [...section.matchAll(/```sh\n(.*?)```\n(?:```output\n(.*?)```\n)?/gs)].map(
    ([, commands, shown]) => ({
      commands: commands!,
      shown: shown ?? '',
    }),
  );
}

t.test('the tour prints what the README shows', async (t) => {
  const { url } = await startService(t);
  const folder = t.testdir({});
  await cp(new URL('examples', root), join(folder, 'examples'), { recursive: true });
  await mkdir(join(folder, '.data'));
  await writeFile(join(folder, '.data/admin-token'), adminToken);
  const steps = tour(await readFile(new URL('README.md', root), 'utf8'));
  t.ok(steps.length >= 7);
  const end = '----end of step----';
  const script = steps
    .map(({ commands }) => `${commands.replace('http://127.0.0.1:3000', url)}\necho '${end}'`)
    .join('\n');
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { cwd: folder });
  t.equal(stderr, '');
  for (const [index, printed] of stdout.split(`${end}\n`).slice(0, -1).entries())
    t.equal(printed, steps[index]!.shown, steps[index]!.commands);
});

t.test('the README has exactly two commands that do all the set-up', async (t) => {
  const readme = await readFile(new URL('README.md', root), 'utf8');
  const start = readme.slice(readme.indexOf('## Start'), readme.indexOf('## Five minutes'));
  t.same(
    [...start.matchAll(/```sh\n(.*?)\n```/gs)].map(([, command]) => command),
    ['npm ci && npm start', 'npm ci && npm test'],
  );
});
