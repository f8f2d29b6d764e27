/**
 * A name for each of these below a service, made of what they are: `example.com-health`. A name is
 * a segment of a path, and no two are the same.
 *
 * @param nameOf what a person would call it
 */
export function childNames<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
): ReadonlyMap<string, Item> {
  const named = new Map<string, Item>();
  for (const item of new Set(items)) {
    const name =
      nameOf(item)
        .replaceAll(/[^\w.:-]+/g, '-')
        .replaceAll(/^[-.]+|[-.]+$/g, '') || 'unnamed';
    let free = name;
    for (let copy = 2; named.has(free); copy++) free = `${name}-${copy}`;
    named.set(free, item);
  }
  return named;
}
