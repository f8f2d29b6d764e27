/**
 * How long a tree may take to stop or start at worst, from its definition alone.
 *
 * Stop: sequential items add up; parallel items take as long as the longest chain of needs among
 * them; a dynamic supervisor takes as long as its template. A nested supervisor counts the smaller
 * of its own limit and its worst case; its own limit does not lower its own number, so that the
 * two can be compared.
 */
export interface BudgetItem {
  readonly id: string;
  /** Its own limit in milliseconds; 0 for a brutal kill, Infinity for none. */
  readonly limitMs: number;
  /** Ids of siblings that this item, or something inside it, needs. */
  readonly needs: readonly string[];
  /** Present for a supervisor. */
  readonly inside?: BudgetGroup;
}

export interface BudgetGroup {
  readonly order: 'sequential' | 'parallel' | 'dynamic';
  readonly items: readonly BudgetItem[];
}

/** The worst case of a group in milliseconds, Infinity when something in it has no limit. */
export function worstCaseMs(group: BudgetGroup): number {
  if (group.order === 'sequential') {
    return group.items.reduce((sum, item) => sum + itemWorstCaseMs(item), 0);
  }
  return longestChainMs(group.items);
}

function itemWorstCaseMs(item: BudgetItem): number {
  return item.inside ? Math.min(item.limitMs, worstCaseMs(item.inside)) : item.limitMs;
}

function longestChainMs(items: readonly BudgetItem[]): number {
  const byId = new Map(items.map((item) => [item.id, item]));
  const known = new Map<string, number>();
  const chainMs = (item: BudgetItem, above: ReadonlySet<string>): number => {
    const done = known.get(item.id);
    if (done !== undefined) return done;
    const path = new Set(above).add(item.id);
    let longestNeed = 0;
    for (const id of item.needs) {
      const need = byId.get(id);
      // Two subtrees may need parts of each other: such a pair counts once.
      if (need && !path.has(id)) longestNeed = Math.max(longestNeed, chainMs(need, path));
    }
    const total = itemWorstCaseMs(item) + longestNeed;
    known.set(item.id, total);
    return total;
  };
  return items.reduce((longest, item) => Math.max(longest, chainMs(item, new Set())), 0);
}

/** What is left of a limit under an absolute deadline, never below 0. */
export function remainingMs(limitMs: number, deadline: number, now: number): number {
  return Math.max(0, Math.min(limitMs, deadline - now));
}
