import {
  type AnyActor,
  type AnyActorLogic,
  type AnyActorRef,
  type AnyEventObject,
  type AnyStateMachine,
  createActor,
  type InspectionEvent,
  type Observer,
} from 'xstate';
import { type SystemInput, systemMachine } from '../../actors/system.ts';
import type { Clock } from './clock.ts';
import { type Dispatcher, reportDefect } from './dispatcher.ts';
import { indexedScheduler, type Scheduler } from './scheduler.ts';

/**
 * The seam between the charts and XState: the one file that knows how a chart is run, and the only
 * one that touches XState's internals (`system.scheduler`, `system._relay`, `actor._stop`).
 * `test/kernel/xstate-internals.test.ts` fails when an upgrade changes them. How a chart becomes a table
 * is in `compiled-chart.ts`.
 */
interface Internals {
  scheduler: Scheduler;
  _relay(source: AnyActorRef | undefined, target: AnyActorRef, event: AnyEventObject): void;
}

/** Any XState inspection observer: the official inspector's `inspect` fits. */
export type InspectionObserver =
  | Observer<InspectionEvent>
  | ((inspectionEvent: InspectionEvent) => void);

/** The end of an actor that was hired with `onEnd`. */
export type ActorEnd =
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'error'; readonly error: unknown };

/** Actors of our own charts. */
const ownActors = new WeakSet<AnyActorRef>();
/** The event that the kernel is just sending. */
let underWay: AnyEventObject | undefined;
/** Those that it sent, and that wait behind one that their actor is just handling. */
const waiting = new WeakSet<AnyEventObject>();
const onChanges = new WeakMap<AnyActorRef, () => void>();
const onEnds = new WeakMap<AnyActorRef, (end: ActorEnd) => void>();

/**
 * A machine that contains what goes wrong: when one of its own actions throws, its children are
 * still stopped, which XState leaves undone.
 */
function contained<Machine extends AnyStateMachine>(machine: Machine): Machine {
  const inner = machine.transition;
  return withTransition(machine, (snapshot, event, scope) => {
    try {
      return inner(snapshot, event, scope);
    } catch (error) {
      for (const child of Object.values(snapshot.children)) {
        scope.stopChild(child as AnyActorRef);
      }
      throw error;
    }
  });
}

/**
 * One of our own charts. It listens to the kernel alone: not to what a user's logic below it sends
 * to its parent, nor to the ends of actors below it, which reach whoever hired them.
 */
function ownChart<Machine extends AnyStateMachine>(machine: Machine): Machine {
  const inner = machine.transition;
  return withTransition(machine, (snapshot, event, scope) => {
    if (event === underWay) underWay = undefined;
    else if (event.type !== 'xstate.stop' && !waiting.has(event)) return snapshot;
    const next = inner(snapshot, event, scope);
    if (next.value !== snapshot.value) {
      const onChange = onChanges.get(scope.self);
      if (onChange) scope.defer(onChange);
    }
    return next;
  });
}

function withTransition<Machine extends AnyStateMachine>(
  machine: Machine,
  transition: Machine['transition'],
): Machine {
  return Object.create(machine, { transition: { value: transition } }) as Machine;
}

const ownCharts = new WeakMap<AnyStateMachine, AnyStateMachine>();

function ownChartOnce(machine: AnyStateMachine): AnyStateMachine {
  const known = ownCharts.get(machine);
  if (known) return known;
  const wrapped = ownChart(machine);
  ownCharts.set(machine, wrapped);
  return wrapped;
}

const containedLogics = new WeakMap<AnyActorLogic, AnyActorLogic>();

function containedOnce(logic: AnyActorLogic): AnyActorLogic {
  if (!('root' in logic)) return logic;
  const known = containedLogics.get(logic);
  if (known) return known;
  const wrapped = contained(logic as AnyStateMachine);
  containedLogics.set(logic, wrapped);
  return wrapped;
}

export interface RootOptions {
  readonly id: string;
  readonly input: SystemInput;
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  readonly inspect?: InspectionObserver | undefined;
}

/** The actor of the system chart; everything else is hired below it. */
export function createRoot(options: RootOptions): AnyActor {
  const root = createActor(ownChartOnce(systemMachine), {
    id: options.id,
    input: options.input,
    clock: options.clock,
    ...(options.inspect && { inspect: guardedInspector(options.inspect) }),
  });
  const internals = internalsOf(root);
  const { clock, dispatcher } = options;
  internals.scheduler = indexedScheduler(clock, (source, target, event) => {
    dispatcher.post(() => relay(source, target, event));
  });
  spareReleasedCharts(internals);
  observeEnd(root);
  return root;
}

/**
 * The end of a user's logic may be the end of its place: the chart that XState then tells of it is
 * released, and XState would warn of that on the console, of nothing that the user did.
 */
function spareReleasedCharts(internals: Internals): void {
  const deliver = internals._relay;
  internals._relay = (source, target, event) => {
    const isReleased = ownActors.has(target) && target.getSnapshot().status !== 'active';
    if (!isReleased) deliver(source, target, event);
  };
}

/** An inspector that throws would throw out of `send`. */
function guardedInspector(inspect: InspectionObserver): (event: InspectionEvent) => void {
  const next = typeof inspect === 'function' ? inspect : inspect.next?.bind(inspect);
  return (event) => {
    try {
      next?.(event);
    } catch {
      // An inspector looks on; what it fails at is its own affair.
    }
  };
}

export interface HireOptions {
  readonly id: string;
  readonly parent: AnyActorRef;
  readonly input: unknown;
  /** Called once when the actor is done or fails, not when it is released. */
  readonly onEnd?: (end: ActorEnd) => void;
  /** Called when the chart is in another state, once that is visible. */
  readonly onChange?: () => void;
  /** Called with everything that the chart emits, once its new state is visible. */
  readonly onNews?: (news: AnyEventObject) => void;
}

/** The actor of one of our charts, outside its parent's snapshot: populations stay linear. */
export function hireChart(chart: AnyStateMachine, options: HireOptions): AnyActor {
  const actor = hire(ownChartOnce(chart), options);
  ownActors.add(actor);
  return actor;
}

/** An actor of the user's logic. */
export function hireLogic(logic: AnyActorLogic, options: HireOptions): AnyActor {
  const actor = hire(containedOnce(logic), options);
  if ('root' in logic) containNested(actor);
  return actor;
}

function hire(logic: AnyActorLogic, options: HireOptions): AnyActor {
  const actor = createActor(logic, {
    id: options.id,
    parent: options.parent,
    input: options.input,
  } as never);
  if (options.onNews) actor.on('*', options.onNews);
  if (options.onChange) onChanges.set(actor, options.onChange);
  if (options.onEnd) onEnds.set(actor, options.onEnd);
  observeEnd(actor);
  return actor;
}

function observeEnd(actor: AnyActor): void {
  if (!onEnds.has(actor) && actor.options.parent) {
    actor.subscribe({ error: reportDefect });
    return;
  }
  actor.subscribe({
    complete: () => endOf(actor, { type: 'done', output: actor.getSnapshot().output }),
    // Without an error observer XState throws the error out of the process.
    error: (error) => endOf(actor, { type: 'error', error }),
  });
}

function endOf(actor: AnyActorRef, end: ActorEnd): void {
  const onEnd = onEnds.get(actor);
  onEnds.delete(actor);
  const snapshot = actor.getSnapshot();
  if (snapshot.status === 'stopped') return;
  if (end.type === 'error') stopOrphans(snapshot);
  if (onEnd) onEnd(end);
  else if (end.type === 'error') reportDefect(end.error);
}

const nested = new WeakSet<AnyActorRef>();

/** Machines inside a user's machine are made by XState; what they leave behind is stopped as well. */
function containNested(actor: AnyActorRef): void {
  if (nested.has(actor)) return;
  nested.add(actor);
  const look = (snapshot: MachineLike) => {
    if (snapshot.status === 'error') stopOrphans(snapshot);
    for (const child of Object.values(snapshot.children ?? {})) {
      if (child && 'children' in child.getSnapshot()) containNested(child);
    }
  };
  actor.subscribe({ next: look, error: () => look(actor.getSnapshot()) });
  look(actor.getSnapshot());
}

interface MachineLike {
  readonly status?: string;
  readonly children?: Record<string, AnyActorRef | undefined>;
}

/** What a machine invoked before an initial action of it threw is still running. */
function stopOrphans(snapshot: MachineLike): void {
  for (const child of Object.values(snapshot.children ?? {})) {
    if (child?.getSnapshot().status === 'active') release(child);
  }
}

/** Stops an actor at once; nobody is told. Returns what it threw over that, if it did. */
export function release(actor: AnyActorRef): unknown {
  let thrown: unknown;
  onEnds.set(actor, (end) => {
    if (end.type === 'error') thrown = end.error;
  });
  (actor as unknown as { _stop(): void })._stop();
  onEnds.delete(actor);
  return thrown;
}

/** Sends as `source`, so that an inspector can draw the arrow. */
export function relay(
  source: AnyActorRef | undefined,
  target: AnyActorRef,
  event: AnyEventObject,
): void {
  if (target.getSnapshot().status !== 'active') return;
  const outer = underWay;
  underWay = event;
  internalsOf(target)._relay(source, target, event);
  if (underWay === event) waiting.add(event);
  underWay = outer;
}

function internalsOf(actor: AnyActorRef): Internals {
  return actor.system as unknown as Internals;
}
