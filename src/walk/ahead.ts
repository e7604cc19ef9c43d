/**
 * The same in the same order, each begun as soon as the one before it is there: the database works on the next while this one
 * is looked at. Who looks asks nothing else of the same connection meanwhile.
 */
export async function* ahead<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
  const iterator = items[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (let found = await next; !found.done; found = await next) {
      next = iterator.next();
      // Whoever asks for it is told; until then nobody waits.
      next.catch(() => {});
      yield found.value;
    }
  } finally {
    // Whoever stops early leaves nothing under way.
    await next.catch(() => {});
    await iterator.return?.();
  }
}
