import { totalmem } from 'node:os';

const megabyte = 1024 ** 2;

/**
 * The settings of PostgreSQL as of a real server. By default it is safe against a crash and has autovacuum. A quarter
 * of the memory is for its buffers, but no more than 1 GB.
 */
export const earnest = {
  shared_buffers: `${Math.min(1024, Math.floor(totalmem() / 4 / megabyte))}MB`,
  // Otherwise loading much data would cause checkpoints all the time.
  max_wal_size: '4GB',
};
