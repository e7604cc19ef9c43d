import { parentPort, workerData } from 'node:worker_threads';
import { copyInto, openLoader } from './copy.ts';
import { addOrgan, addReport, noText } from './copy-text.ts';
import { reportsOf } from './filings.ts';
import { organsOf } from './organs.ts';
import type { Unit } from './plan.ts';

/** Generates and loads the provinces that the main thread hands out, one after the other. */

export interface WorkerData {
  url: string;
  seed: number;
}

/** What was loaded since the last message. `isDone` asks for the next province. */
export interface Loaded {
  organs: number;
  reports: number;
  revisions: number;
  off: number;
  isDone: boolean;
}

/** How many reports one transaction loads: about 12 MB of text. */
const batchReports = 800;

const { url, seed } = workerData as WorkerData;
const client = await openLoader(url);
const tell = (loaded: Partial<Loaded>) =>
  parentPort!.postMessage({ organs: 0, reports: 0, revisions: 0, off: 0, isDone: false, ...loaded });

async function loadOrgans(unit: Unit) {
  const text = noText();
  for (const organ of organsOf(unit, seed)) addOrgan(text, organ, seed);
  await copyInto(client, text);
  tell({ organs: unit.organs });
}

async function loadReports(unit: Unit) {
  let text = noText();
  let loaded = { reports: 0, revisions: 0, off: 0 };
  const flush = async () => {
    await copyInto(client, text);
    tell(loaded);
    text = noText();
    loaded = { reports: 0, revisions: 0, off: 0 };
  };
  for (const { report, isOff } of reportsOf(organsOf(unit, seed), seed)) {
    addReport(text, report);
    loaded.reports++;
    loaded.revisions += report.revisions.length;
    if (isOff) loaded.off++;
    if (loaded.reports === batchReports) await flush();
  }
  await flush();
}

parentPort!.on('message', async (unit: Unit | null) => {
  if (unit === null) {
    await client.end();
    parentPort!.close();
    return;
  }
  await loadOrgans(unit);
  await loadReports(unit);
  tell({ isDone: true });
});
tell({ isDone: true });
