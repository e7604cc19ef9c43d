import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { measureAggregating } from './aggregating.ts';
import { measureReading } from './reading.ts';
import { aggregatingLines, slowestTable } from './support/aggregate-lines.ts';
import { countriesOf } from './support/countries.ts';
import { linesTable } from './support/line.ts';
import { describeMachine } from './support/machine.ts';
import { readingLines } from './support/reading-lines.ts';
import { writingLines } from './support/writing-lines.ts';
import { measureWriting } from './writing.ts';

/**
 * Measures everything, one after the other in one run, on databases of its own that are removed afterwards.
 *
 *   npm run bench [-- --sizes 12000,120000,1200000] [--database-urls url,url,url] [--write]
 *
 * With --database-urls the countries are there already, one of each size. Figures of some of their reports are
 * changed. With --write the tables replace those of the last run in bench/README.md.
 */

const readme = new URL('README.md', import.meta.url);
const begin = '<!-- last run -->';

/**
 * The text of bench/README.md before the last run, which is the end of the page. Throws where the page marks no last
 * run.
 */
async function textBefore(): Promise<string> {
  const [text, last] = (await readFile(readme, 'utf8')).split(begin);
  if (last === undefined) throw new Error(`bench/README.md has no ${begin}`);
  return text!;
}

/** Says what is going on. This goes to stderr, apart from the result. */
const tell = (text: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '12000,120000,1200000' },
    'database-urls': { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const before = values.write ? await textBefore() : undefined;
const { countries, stop } = await countriesOf(values, tell);
const measured = await (async () => {
  try {
    const largest = countries.at(-1)!;
    const machine = await describeMachine(largest.url);
    tell('reading, beside a minimal server');
    const reading = await measureReading({ databaseUrl: largest.url });
    tell(`aggregating, beside the rows; so far\n${linesTable(readingLines(reading))}`);
    return { machine, reading, aggregated: await measureAggregating({ countries }) };
  } finally {
    await stop();
  }
})();
tell(`writing, beside COPY; so far\n${linesTable(aggregatingLines(measured.aggregated))}`);
const writing = await measureWriting({ rounds: 5, reports: 3000, publications: 300 });

const { machine, reading, aggregated } = measured;
const lines = [...readingLines(reading), ...aggregatingLines(aggregated), ...writingLines(writing)];
const day = new Date().toISOString().slice(0, 10);
const result = [`${day}: ${machine}.`, linesTable(lines), ...aggregated.map(slowestTable)].join('\n\n');
console.log(result);
if (before !== undefined) await writeFile(readme, `${before}${begin}\n\n${result}\n`);
