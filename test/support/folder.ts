import { statfsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

const memory = '/dev/shm';
/** Several times what a whole run has there at once, bytes; containers often have 64 MB. */
const roomForAll = 2 ** 30;

const hasRoom = (folder: string): boolean => {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= roomForAll;
  } catch {
    return false;
  }
};

/**
 * Where to put what goes with the run anyway: in memory where there is room for it. New databases and emptied tables
 * are files made and removed by the dozen, which keep a disk, and whoever waits for it, busier than the tests.
 */
export const passing: string = hasRoom(memory) ? memory : tmpdir();

/** A folder that goes with the test, which the user `postgres` may pass through when the tests run as root. */
export async function temporaryFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(passing, 'gongkai-folder-'));
  await chmod(folder, 0o711);
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
