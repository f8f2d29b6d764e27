/**
 * Graphs of what waits for what. Nodes are numbers from 0; `next[node]` are the nodes that can only
 * come after it. Nothing here recurses: a chain may be as long as a population.
 */
export type Graph = readonly (readonly number[])[];

/**
 * Circles in a graph, each as its nodes in order, so that the first comes after the last. Empty if
 * and only if there are none. A circle is found, cut at every edge that may be cut, and the search
 * goes on: no two circles share such an edge.
 *
 * @param mayCut which edges somebody could give up; all, when it is left out
 */
export function findCircles(
  next: Graph,
  mayCut: (from: number, to: number) => boolean = () => true,
): number[][] {
  const cut = new Map<number, Set<number>>();
  const open = (from: number) => next[from]?.filter((to) => !cut.get(from)?.has(to)) ?? [];
  const circles: number[][] = [];
  const knots = knotsAmong(next.keys(), open);
  for (const knot of knots) {
    const circle = circleIn(knot, open);
    circles.push(circle);
    let wasCut = false;
    for (const [index, from] of circle.entries()) {
      const to = circle[(index + 1) % circle.length] as number;
      if (!mayCut(from, to)) continue;
      cut.set(from, (cut.get(from) ?? new Set()).add(to));
      wasCut = true;
    }
    if (wasCut) knots.push(...knotsAmong(knot, open));
  }
  return circles;
}

type Successors = (node: number) => readonly number[];

/**
 * Tarjan's strongly connected components, only those with a circle in them, each in ascending
 * order. `nodes` is all there is: edges that lead elsewhere do not count.
 */
function knotsAmong(nodes: Iterable<number>, next: Successors): number[][] {
  const among = new Set(nodes);
  const order = new Map<number, number>();
  const low = new Map<number, number>();
  const stack: number[] = [];
  const onStack = new Set<number>();
  const knots: number[][] = [];
  const lower = (node: number, value: number) => {
    low.set(node, Math.min(low.get(node) ?? value, value));
  };

  interface Visit {
    readonly node: number;
    readonly edges: Iterator<number>;
  }
  const visits: Visit[] = [];
  const enter = (node: number) => {
    order.set(node, order.size);
    lower(node, order.size - 1);
    stack.push(node);
    onStack.add(node);
    visits.push({ node, edges: next(node)[Symbol.iterator]() });
  };
  const leave = (node: number) => {
    visits.pop();
    const above = visits.at(-1);
    if (above) lower(above.node, low.get(node) as number);
    if (low.get(node) !== order.get(node)) return;
    const component = stack.splice(stack.lastIndexOf(node));
    for (const member of component) onStack.delete(member);
    if (component.length > 1 || next(node).includes(node)) {
      knots.push(component.sort((a, b) => a - b));
    }
  };

  for (const root of among) {
    if (order.has(root)) continue;
    enter(root);
    for (let visit = visits.at(-1); visit; visit = visits.at(-1)) {
      const edge = visit.edges.next();
      if (edge.done) leave(visit.node);
      else if (!among.has(edge.value)) continue;
      else if (!order.has(edge.value)) enter(edge.value);
      else if (onStack.has(edge.value)) lower(visit.node, order.get(edge.value) as number);
    }
  }
  return knots;
}

/** The shortest circle through the first node of a knot. */
function circleIn(knot: readonly number[], next: Successors): number[] {
  const among = new Set(knot);
  const [start] = knot as [number];
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const to of next(node)) {
      if (to === start) return wayTo(node, start, cameFrom);
      if (!among.has(to) || cameFrom.has(to)) continue;
      cameFrom.set(to, node);
      queue.push(to);
    }
  }
  return [];
}

function wayTo(end: number, start: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const way = [end];
  for (let node = end; node !== start; ) {
    node = cameFrom.get(node) as number;
    way.push(node);
  }
  return way.reverse();
}

/**
 * Everything that depends on `from`, directly or through others, the furthest first: each comes
 * before everything that it depends on itself. `from` is not among them.
 */
export function dependantsOf<Node>(
  from: Node,
  directDependants: (node: Node) => Iterable<Node>,
): Node[] {
  return deepestFirst([from], directDependants).slice(0, -1);
}

/**
 * The nodes and all that they lead to, each after everything that it leads to itself. In a circle
 * one of them has to come first: the one that was reached last.
 */
export function deepestFirst<Node>(
  nodes: Iterable<Node>,
  next: (node: Node) => Iterable<Node>,
): Node[] {
  const seen = new Set<Node>();
  const deepest: Node[] = [];
  const visits: { readonly node: Node; readonly rest: Iterator<Node> }[] = [];
  const enter = (node: Node) => {
    if (seen.has(node)) return;
    seen.add(node);
    visits.push({ node, rest: next(node)[Symbol.iterator]() });
  };
  for (const node of nodes) {
    enter(node);
    for (let visit = visits.at(-1); visit; visit = visits.at(-1)) {
      const step = visit.rest.next();
      if (!step.done) enter(step.value);
      else deepest.push((visits.pop() as typeof visit).node);
    }
  }
  return deepest;
}
