/**
 * Yields the same items in the same order, but asks for the next item before it yields the current one: the database
 * works on it while the caller looks at the current one. Meanwhile the caller must not use the same connection.
 */
export async function* ahead<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
  const iterator = items[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (let found = await next; !found.done; found = await next) {
      next = iterator.next();
      // A failure is thrown where `next` is awaited. Until then it must not count as an unhandled rejection.
      next.catch(() => {});
      yield found.value;
    }
  } finally {
    // A caller who stops early leaves no request under way.
    await next.catch(() => {});
    await iterator.return?.();
  }
}
