import type { AnyActorScope, AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';

/**
 * A chart compiled to a table: the same states, events, actors and inspectors, without the work that
 * XState's interpreter does for charts that are nested or parallel. For what is made by the thousand.
 *
 * It reads how `setup()` keeps actions (`assign`, `emit`, `raise`, `enqueueActions`), which XState
 * does not promise: `test/kernel/compiled-*.test.ts` hold it to the interpreter, state by state.
 *
 * @throws TypeError for a chart that is more than a flat list of states
 */
export function compileChart<Machine extends AnyStateMachine>(machine: Machine): Machine {
  const table = new Table(machine);
  return Object.create(machine, {
    getInitialSnapshot: { value: table.begin },
    transition: { value: table.transition },
    start: { value: () => {} },
  }) as Machine;
}

type Values = Record<string, unknown>;

/** What is being done while one event is handled, and those that it raises. */
interface Run {
  context: unknown;
  event: AnyEventObject;
  readonly scope: AnyActorScope;
  readonly raised: AnyEventObject[];
}

type Step = (run: Run) => void;

interface Way {
  readonly mayGo: ((run: Run) => boolean) | undefined;
  readonly target: string | undefined;
  readonly reenter: boolean;
  readonly steps: readonly Step[];
}

interface Timer {
  readonly event: AnyEventObject;
  readonly delayMs: (run: Run) => number;
}

interface State {
  readonly isFinal: boolean;
  readonly entry: readonly Step[];
  readonly timers: readonly Timer[];
  readonly ways: ReadonlyMap<string, readonly Way[]>;
  readonly always: readonly Way[];
}

type Snapshot = Pick<AnyMachineSnapshot, 'status' | 'value' | 'context' | 'children'> & {
  readonly output?: unknown;
};

class Table {
  readonly #states = new Map<string, State>();
  readonly #initial: string;
  readonly #contextOf: (args: { readonly input: unknown }) => unknown;
  readonly #outputOf: ((args: unknown) => unknown) | undefined;

  constructor(machine: AnyStateMachine) {
    const { states, initial, context, output, ...rest } = machine.config as Values;
    allow('the chart', rest, ['id', 'schemas']);
    for (const [name, config] of Object.entries(states as Record<string, Values>)) {
      this.#states.set(name, compileState(machine, name, config));
    }
    this.#initial = initial as string;
    this.#contextOf = context as (args: { readonly input: unknown }) => unknown;
    this.#outputOf = output as ((args: unknown) => unknown) | undefined;
  }

  readonly begin = (scope: AnyActorScope, input: unknown): Snapshot => {
    const context = this.#contextOf({ input });
    const run: Run = { context, event: { type: 'xstate.init', input }, scope, raised: [] };
    this.#enter(run, this.#initial);
    return this.#settle(run, this.#initial);
  };

  readonly transition = (
    snapshot: Snapshot,
    event: AnyEventObject,
    scope: AnyActorScope,
  ): Snapshot => {
    if (event.type === 'xstate.stop') return { ...snapshot, status: 'stopped' };
    if (snapshot.status !== 'active') return snapshot;
    const run: Run = { context: snapshot.context, event, scope, raised: [] };
    const from = snapshot.value as string;
    const way = this.#wayOf(run, from);
    return way ? this.#settle(run, this.#take(run, from, way)) : snapshot;
  };

  /** Goes on without an event from outside, as far as that leads. */
  #settle(run: Run, begun: string): Snapshot {
    let value = begun;
    for (;;) {
      const { isFinal, always } = this.#stateOf(value);
      if (isFinal) return this.#end(run, value);
      const next = choose(always, run);
      if (next) {
        value = this.#take(run, value, next);
        continue;
      }
      const event = run.raised.shift();
      if (!event) return { status: 'active', value, context: run.context, children: {} };
      run.event = event;
      const way = this.#wayOf(run, value);
      if (way) value = this.#take(run, value, way);
    }
  }

  #wayOf(run: Run, from: string): Way | undefined {
    return choose(this.#stateOf(from).ways.get(run.event.type), run);
  }

  /** Where it leads to. */
  #take(run: Run, from: string, { target, reenter, steps }: Way): string {
    const isLeaving = target !== undefined && (reenter || target !== from);
    if (isLeaving) cancelTimers(this.#stateOf(from), run.scope);
    for (const step of steps) step(run);
    if (isLeaving) this.#enter(run, target);
    return target ?? from;
  }

  #enter(run: Run, value: string): void {
    const state = this.#stateOf(value);
    for (const step of state.entry) step(run);
    armTimers(state, run);
  }

  #end(run: Run, value: string): Snapshot {
    const output = this.#outputOf?.(argumentsOf(run));
    return { status: 'done', value, context: run.context, children: {}, output };
  }

  #stateOf(name: string): State {
    return this.#states.get(name) as State;
  }
}

function choose(ways: readonly Way[] | undefined, run: Run): Way | undefined {
  return ways?.find(({ mayGo }) => !mayGo || mayGo(run));
}

function armTimers({ timers }: State, run: Run): void {
  if (timers.length === 0) return;
  const { self, system } = run.scope;
  for (const { event, delayMs } of timers) {
    const ms = delayMs(run);
    run.scope.defer(() => system.scheduler.schedule(self, self, event, ms, event.type));
  }
}

function cancelTimers({ timers }: State, { self, system, defer }: AnyActorScope): void {
  for (const { event } of timers) defer(() => system.scheduler.cancel(self, event.type));
}

function compileState(machine: AnyStateMachine, name: string, config: Values): State {
  const { on = {}, after = {}, always, entry, type, ...rest } = config;
  allow(`state ${name}`, rest, ['description']);
  const timers: Timer[] = [];
  const ways = new Map<string, readonly Way[]>();
  for (const [event, transitions] of Object.entries(on as Values)) {
    ways.set(event, compileWays(machine, transitions));
  }
  for (const [delay, transitions] of Object.entries(after as Values)) {
    const event = { type: `xstate.after.${delay}.${machine.id}.${name}` };
    const delayMs = named(machine, 'delays', delay);
    timers.push({ event, delayMs: (run) => delayMs(argumentsOf(run), undefined) as number });
    ways.set(event.type, compileWays(machine, transitions));
  }
  const eventless = compileWays(machine, always);
  const steps = compileSteps(machine, entry);
  return { isFinal: type === 'final', entry: steps, timers, ways, always: eventless };
}

function compileWays(machine: AnyStateMachine, transitions: unknown): readonly Way[] {
  return listOf(transitions).map((transition) => {
    const { target, guard, actions, reenter, ...rest } = transition as Values;
    allow('a transition', rest, []);
    const holds = guard === undefined ? undefined : named(machine, 'guards', guard as string);
    return {
      target: target as string | undefined,
      reenter: reenter === true,
      mayGo: holds && ((run) => holds(argumentsOf(run), undefined) as boolean),
      steps: compileSteps(machine, actions),
    };
  });
}

function compileSteps(machine: AnyStateMachine, actions: unknown): readonly Step[] {
  return listOf(actions).map((action) => {
    const { type, params } = (typeof action === 'string' ? { type: action } : action) as {
      type: string;
      params?: unknown;
    };
    return compileStep(type, named(machine, 'actions', type), params);
  });
}

type Implementation = ((args: unknown, params: unknown) => unknown) & {
  readonly type?: string;
  /** Of `assign`. */
  readonly assignment?: unknown;
  /** Of `emit` and `raise`. */
  readonly event?: unknown;
  /** Of `raise`. */
  readonly id?: string;
  readonly delay?: unknown;
  /** Of `enqueueActions`. */
  readonly collect?: (args: unknown, params: unknown) => void;
};

function compileStep(type: string, action: Implementation, params: unknown): Step {
  switch (action.type) {
    case 'xstate.assign':
      return (run) => {
        const change = assigned(action.assignment, argumentsOf(run), params);
        run.context = Object.assign({}, run.context, change);
      };
    case 'xstate.emit':
      return (run) => {
        const event = resolved(action.event, argumentsOf(run), params) as AnyEventObject;
        run.scope.defer(() => run.scope.emit(event));
      };
    case 'xstate.raise':
      return compileRaise(action, params);
    case 'xstate.enqueueActions':
      return (run) => {
        // Of what can be enqueued, what our charts enqueue.
        const enqueue = { raise: (event: AnyEventObject) => void run.raised.push(event) };
        action.collect?.({ ...argumentsOf(run), enqueue }, params);
      };
    case undefined:
      // XState says it to inspectors, and keeps what is entered first until the actor starts.
      return (run) =>
        run.scope.actionExecutor({ type, info: argumentsOf(run), params, exec: action } as never);
    default:
      throw new TypeError(`A compiled chart has no ${action.type}.`);
  }
}

function compileRaise({ event, id, delay }: Implementation, params: unknown): Step {
  return (run) => {
    const args = argumentsOf(run);
    const raised = resolved(event, args, params) as AnyEventObject;
    const delayMs = resolved(delay, args, params) as number | undefined;
    if (delayMs === undefined) return void run.raised.push(raised);
    const { self, system } = run.scope;
    run.scope.defer(() => system.scheduler.schedule(self, self, raised, delayMs, id as string));
  };
}

function assigned(assignment: unknown, args: unknown, params: unknown): unknown {
  if (typeof assignment === 'function') return assignment(args, params);
  const change: Values = {};
  for (const [key, value] of Object.entries(assignment as Values)) {
    change[key] = resolved(value, args, params);
  }
  return change;
}

function resolved(value: unknown, args: unknown, params: unknown): unknown {
  return typeof value === 'function' ? value(args, params) : value;
}

function argumentsOf({ context, event, scope: { self, system } }: Run) {
  return { context, event, self, system };
}

function named(
  machine: AnyStateMachine,
  kind: 'actions' | 'guards' | 'delays',
  name: string,
): Implementation {
  const found = (machine.implementations[kind] as Record<string, unknown>)[name];
  if (typeof found === 'function') return found as Implementation;
  throw new TypeError(`${machine.id} has no ${name} among its ${kind}.`);
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function allow(what: string, config: Values, known: readonly string[]): void {
  const unknown = Object.keys(config).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new TypeError(`${what} has '${unknown}': it is not compiled.`);
}
