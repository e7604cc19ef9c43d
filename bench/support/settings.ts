import { totalmem } from 'node:os';

const megabyte = 1024 ** 2;

/**
 * PostgreSQL as a server in earnest: safe against a crash and with autovacuum, as it comes; a quarter of the memory for
 * its buffers, but no more than 1 GB.
 */
export const earnest = {
  shared_buffers: `${Math.min(1024, Math.floor(totalmem() / 4 / megabyte))}MB`,
  // Loading much would otherwise checkpoint all the time.
  max_wal_size: '4GB',
};
