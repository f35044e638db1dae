/** Files that travel at once: enough to keep a line full, few enough that each has a share of it. */
const AT_ONCE = 4;

/** Works on a few items at once. After a failure nothing new begins, and what runs is awaited before it is thrown. */
export async function inParallel<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> {
  let next = 0;
  let failure: { reason: unknown } | undefined;
  const run = async () => {
    while (!failure && next < items.length) {
      const item = items[next++]!;
      await work(item).catch((reason: unknown) => {
        failure ??= { reason };
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, run));
  if (failure) throw failure.reason;
}
