/** How many run at once: one keeps a core busy half of the time and waits for git in the other half. */
const LANES = 3;

/** Works on all items, several at once, and prints the lines that each gives in the order of the items, as soon as they can be. */
export async function inLanes<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<readonly string[]>,
): Promise<void> {
  const reports: (readonly string[])[] = [];
  const waiting = items.entries();
  let printed = 0;
  const lane = async (): Promise<void> => {
    // The lanes share the iterator.
    for (const [index, item] of waiting) {
      reports[index] = await work(item, index);
      for (let ready = reports[printed]; ready !== undefined; ready = reports[printed]) {
        for (const line of ready) console.log(line);
        printed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
