interface Waiting<Key, Value> {
  key: Key;
  resolve: (value: Value) => void;
  reject: (error: unknown) => void;
}

interface CoalesceOptions {
  /** The most keys that one read asks for. */
  most?: number;
  /** The most reads under way at a time. Keys that come meanwhile wait for the next read. */
  atOnce?: number;
}

/**
 * Joins reads of one key each. `readAll` is asked for all keys that came in the same turn of the event loop, or while
 * enough reads were under way. No read answers a key that came after the read had begun, so that what was written
 * before is seen. `readAll` returns a value for each key, in their order. What it throws, all of its callers get.
 */
export function coalesce<Key, Value>(
  readAll: (keys: Key[]) => Promise<Value[]>,
  { most = 64, atOnce = 2 }: CoalesceOptions = {},
): (key: Key) => Promise<Value> {
  const waiting: Waiting<Key, Value>[] = [];
  let running = 0;
  let isScheduled = false;

  const run = async (batch: Waiting<Key, Value>[]) => {
    running++;
    try {
      const values = await readAll(batch.map(({ key }) => key));
      for (const [index, { resolve }] of batch.entries()) resolve(values[index]!);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    running--;
    schedule();
  };
  const flush = () => {
    isScheduled = false;
    while (waiting.length > 0 && running < atOnce) run(waiting.splice(0, most));
  };
  const schedule = () => {
    if (isScheduled || waiting.length === 0 || running >= atOnce) return;
    isScheduled = true;
    setImmediate(flush);
  };
  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      schedule();
    });
}
