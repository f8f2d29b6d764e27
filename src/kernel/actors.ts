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
import { serviceMachine } from '../../actors/service.ts';
import { supervisorMachine } from '../../actors/supervisor.ts';
import { type SystemInput, systemMachine } from '../../actors/system.ts';
import type { Clock } from './clock.ts';
import { type Dispatcher, reportDefect } from './dispatcher.ts';

/**
 * The seam between the charts and XState: the one file that knows how a chart is run, and the only
 * one that touches XState's internals (`system.scheduler`, `system._relay`, `actor._stop`).
 * `test/kernel/xstate-internals.test.ts` fails when an upgrade changes them.
 */
interface Internals {
  scheduler: Scheduler;
  _relay(source: AnyActorRef | undefined, target: AnyActorRef, event: AnyEventObject): void;
}

interface Scheduler {
  schedule(
    source: AnyActorRef,
    target: AnyActorRef,
    event: AnyEventObject,
    delayMs: number,
    id?: string,
  ): void;
  cancel(source: AnyActorRef, id: string): void;
  cancelAll(source: AnyActorRef): void;
}

/** Any XState inspection observer: the official inspector's `inspect` fits. */
export type InspectionObserver =
  | Observer<InspectionEvent>
  | ((inspectionEvent: InspectionEvent) => void);

/** The end of an actor that was hired with `onEnd`. */
export type ActorEnd =
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'error'; readonly error: unknown };

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
 * One of our own charts. The actors below it live outside its snapshot, and their ends reach
 * whoever hired them.
 */
function ownChart<Machine extends AnyStateMachine>(machine: Machine): Machine {
  const inner = machine.transition;
  return withTransition(machine, (snapshot, event, scope) => {
    if (!/^xstate\.(done|error)\.actor\./.test(event.type)) return inner(snapshot, event, scope);
    return snapshot;
  });
}

function withTransition<Machine extends AnyStateMachine>(
  machine: Machine,
  transition: Machine['transition'],
): Machine {
  return Object.create(machine, { transition: { value: transition } }) as Machine;
}

const charts = {
  system: ownChart(systemMachine),
  supervisor: ownChart(supervisorMachine),
  service: ownChart(serviceMachine),
};

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
  const root = createActor(charts.system, {
    id: options.id,
    input: options.input,
    clock: options.clock,
    ...(options.inspect && { inspect: guardedInspector(options.inspect) }),
  });
  internalsOf(root).scheduler = indexedScheduler(options.clock, options.dispatcher);
  observeEnd(root);
  return root;
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
  /** Called with everything that the chart emits, once its new state is visible. */
  readonly onNews?: (news: AnyEventObject) => void;
}

/** The actor of one of our charts, outside its parent's snapshot: populations stay linear. */
export function hireChart(chart: 'supervisor' | 'service', options: HireOptions): AnyActor {
  return hire(charts[chart], options);
}

/** An actor of the user's logic. */
export function hireLogic(logic: AnyActorLogic, options: HireOptions): AnyActor {
  return hire(containedOnce(logic), options);
}

function hire(logic: AnyActorLogic, options: HireOptions): AnyActor {
  const actor = createActor(logic, {
    id: options.id,
    parent: options.parent,
    input: options.input,
  } as never);
  if (options.onNews) actor.on('*', options.onNews);
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
  if (actor.getSnapshot().status === 'stopped') return;
  if (onEnd) onEnd(end);
  else if (end.type === 'error') reportDefect(end.error);
}

/** Stops an actor at once and forgets it; nobody is told. */
export function release(actor: AnyActorRef): void {
  onEnds.delete(actor);
  (actor as unknown as { _stop(): void })._stop();
}

/** Sends as `source`, so that an inspector can draw the arrow. */
export function relay(source: AnyActorRef | undefined, target: AnyActorRef, event: AnyEventObject) {
  if (target.getSnapshot().status === 'active') internalsOf(target)._relay(source, target, event);
}

function internalsOf(actor: AnyActorRef): Internals {
  return actor.system as unknown as Internals;
}

/**
 * XState's scheduler looks through all timers of the system whenever an actor ends; this one keeps
 * each actor's timers with the actor. Their events go through the dispatcher. Infinity never fires.
 */
function indexedScheduler(clock: Clock, dispatcher: Dispatcher): Scheduler {
  const timers = new Map<AnyActorRef, Map<string, unknown>>();
  let nextId = 0;
  const scheduler: Scheduler = {
    schedule(source, target, event, delayMs, id = `timer-${nextId++}`) {
      scheduler.cancel(source, id);
      if (delayMs === Number.POSITIVE_INFINITY) return;
      const own = timers.get(source) ?? new Map<string, unknown>();
      const fire = () => {
        forget(source, id);
        dispatcher.post(() => relay(source, target, event));
      };
      own.set(id, clock.setTimeout(fire, delayMs));
      timers.set(source, own);
    },
    cancel(source, id) {
      const handle = timers.get(source)?.get(id);
      if (handle === undefined) return;
      forget(source, id);
      clock.clearTimeout(handle);
    },
    cancelAll(source) {
      for (const handle of timers.get(source)?.values() ?? []) clock.clearTimeout(handle);
      timers.delete(source);
    },
  };
  const forget = (source: AnyActorRef, id: string) => {
    const own = timers.get(source);
    own?.delete(id);
    if (own?.size === 0) timers.delete(source);
  };
  return scheduler;
}
