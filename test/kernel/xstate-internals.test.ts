import { describe, expect, it } from 'vitest';
import {
  type AnyActorRef,
  type AnyEventObject,
  assign,
  createActor,
  emit,
  fromCallback,
  raise,
  setup,
} from 'xstate';

/**
 * What src/kernel/actors.ts relies on beyond XState's documentation. When an upgrade of XState turns
 * one of these red, that file is to be looked at before anything else.
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

const internalsOf = (actor: AnyActorRef) => actor.system as unknown as Internals;
const idOf = (ref: unknown) => (ref as AnyActorRef | undefined)?.id;
const stop = (actor: AnyActorRef) => (actor as unknown as { _stop(): void })._stop();

/** A scheduler that only writes down what it is asked for. */
function recordingScheduler(calls: string[]): Scheduler {
  return {
    schedule: (source, target, event, delayMs, id) =>
      void calls.push(`schedule ${source.id} ${target.id} ${event.type} ${delayMs} ${id}`),
    cancel: (source, id) => void calls.push(`cancel ${source.id} ${id}`),
    cancelAll: (source) => void calls.push(`cancelAll ${source.id}`),
  };
}

const lamp = setup({ types: {} as { events: { type: 'toggle' } } }).createMachine({
  id: 'lamp',
  initial: 'off',
  states: {
    off: { on: { toggle: 'on' }, after: { 5000: 'on' } },
    on: { on: { toggle: 'off' }, entry: raise({ type: 'toggle' }, { delay: 10, id: 'blink' }) },
  },
});

describe('system.scheduler', () => {
  it('can be replaced before the start, and is what after and delayed raise go through', () => {
    const calls: string[] = [];
    const actor = createActor(lamp, { id: 'lamp' });
    internalsOf(actor).scheduler = recordingScheduler(calls);

    actor.start();
    actor.send({ type: 'toggle' });

    expect(calls).toEqual([
      'schedule lamp lamp xstate.after.5000.lamp.off 5000 xstate.after.5000.lamp.off',
      'cancel lamp xstate.after.5000.lamp.off',
      'schedule lamp lamp toggle 10 blink',
    ]);
  });

  it('is asked to cancel all timers of an actor that ends', () => {
    const calls: string[] = [];
    const actor = createActor(lamp, { id: 'lamp' });
    internalsOf(actor).scheduler = recordingScheduler(calls);
    actor.start();

    actor.stop();

    expect(calls.at(-1)).toBe('cancelAll lamp');
  });

  it('is shared by the actors below', () => {
    const calls: string[] = [];
    const root = createActor(setup({}).createMachine({}), { id: 'root' });
    internalsOf(root).scheduler = recordingScheduler(calls);
    root.start();

    const child = createActor(lamp, { id: 'child', parent: root } as never);
    child.start();

    expect(calls).toEqual([
      'schedule child child xstate.after.5000.lamp.off 5000 xstate.after.5000.lamp.off',
    ]);
  });
});

describe('system._relay', () => {
  it('delivers an event and names its source to inspectors', () => {
    const seen: unknown[] = [];
    const root = createActor(lamp, {
      id: 'root',
      inspect: (event) => {
        if (event.type === '@xstate.event' && event.event.type === 'toggle') {
          seen.push([idOf(event.sourceRef), idOf(event.actorRef)]);
        }
      },
    });
    root.start();
    const child = createActor(lamp, { id: 'child', parent: root } as never);
    child.start();

    internalsOf(root)._relay(root, child, { type: 'toggle' });
    internalsOf(root)._relay(undefined, child, { type: 'toggle' });

    expect(seen).toEqual([
      ['root', 'child'],
      [undefined, 'child'],
    ]);
    expect(child.getSnapshot()).toMatchObject({ value: 'off' });
  });

  it('can be replaced, and is what the end of an actor goes through', () => {
    const relayed: string[] = [];
    const root = createActor(setup({}).createMachine({}), { id: 'root' });
    internalsOf(root)._relay = (source, target, event) =>
      void relayed.push(`${source?.id} ${target.id} ${event.type}`);
    root.start();
    const once = setup({}).createMachine({ initial: 'a', states: { a: { type: 'final' } } });

    createActor(once, { id: 'child', parent: root } as never).start();

    expect(relayed).toEqual(['child root xstate.done.actor.child']);
  });

  it('passes the very event object on to the transition of the target', () => {
    const seen: unknown[] = [];
    const plain = setup({}).createMachine({});
    const watched = Object.create(plain, {
      transition: {
        value: (...args: Parameters<typeof plain.transition>) => {
          seen.push(args[1]);
          return plain.transition(...args);
        },
      },
    }) as typeof plain;
    const actor = createActor(watched);
    actor.start();
    const event = { type: 'mine' };

    internalsOf(actor)._relay(undefined, actor, event);

    expect(seen[0]).toBe(event);
  });
});

describe('actor._stop', () => {
  it('stops an actor that is not a root, its children too, and tells nobody', () => {
    const ends: string[] = [];
    const parent = setup({
      actors: { kid: fromCallback(() => () => void ends.push('kid disposed')) },
    }).createMachine({ invoke: { src: 'kid' } });
    const root = createActor(setup({}).createMachine({}), { id: 'root' });
    root.start();
    const actor = createActor(parent, { id: 'child', parent: root } as never);
    actor.subscribe({ complete: () => ends.push('complete'), error: () => ends.push('error') });
    actor.start();

    stop(actor);

    expect(actor.getSnapshot().status).toBe('stopped');
    expect(ends).toEqual(['kid disposed', 'complete']);
    expect(root.getSnapshot().status).toBe('active');
  });

  it('reports what a disposer throws to the error observer', () => {
    const errors: unknown[] = [];
    const root = createActor(setup({}).createMachine({}), { id: 'root' });
    root.subscribe({ error: () => {} });
    root.start();
    const grumpy = fromCallback(() => () => {
      throw new Error('cannot close');
    });
    const actor = createActor(grumpy, { id: 'child', parent: root } as never);
    actor.subscribe({ error: (error) => errors.push((error as Error).message) });
    actor.start();

    stop(actor);

    expect(errors).toEqual(['cannot close']);
  });
});

describe('the order of effects', () => {
  it('emits after the new snapshot is visible; a custom action runs before', () => {
    const seen: string[] = [];
    const machine = setup({
      types: {} as { events: { type: 'go' }; emitted: { type: 'news' } },
      actions: { look: ({ self }) => seen.push(`action in ${self.getSnapshot().value}`) },
    }).createMachine({
      initial: 'a',
      states: {
        a: { on: { go: { target: 'b', actions: ['look', emit({ type: 'news' })] } } },
        b: {},
      },
    });
    const actor = createActor(machine);
    actor.on('news', () => seen.push(`emit in ${actor.getSnapshot().value}`));
    actor.start();

    actor.send({ type: 'go' });

    expect(seen).toEqual(['action in a', 'emit in b']);
  });

  it('runs what is deferred in a transition after the new snapshot, in order', () => {
    const seen: string[] = [];
    const inner = lamp.transition;
    const machine = Object.create(lamp, {
      transition: {
        value: (...[snapshot, event, scope]: Parameters<typeof inner>) => {
          const next = inner(snapshot, event, scope);
          scope.defer(() => seen.push(`first in ${scope.self.getSnapshot().value}`));
          scope.defer(() => seen.push('second'));
          return next;
        },
      },
    }) as typeof lamp;
    const actor = createActor(machine);
    actor.subscribe(() => seen.push('observer'));
    actor.start();
    seen.length = 0;

    actor.send({ type: 'toggle' });
    actor.stop();

    expect(seen.slice(0, 3)).toEqual(['first in on', 'second', 'observer']);
  });

  it('processes one event at a time: what an action sends to itself comes after', () => {
    const seen: number[] = [];
    const machine = setup({
      types: {} as { context: { n: number }; events: { type: 'inc' } },
      actions: {
        again: ({ self, context }) => {
          if (context.n < 3) self.send({ type: 'inc' });
          seen.push(context.n);
        },
      },
    }).createMachine({
      context: { n: 0 },
      on: { inc: { actions: [assign({ n: ({ context }) => context.n + 1 }), 'again'] } },
    });
    const actor = createActor(machine);
    actor.start();

    actor.send({ type: 'inc' });

    expect(seen).toEqual([1, 2, 3]);
  });
});

describe('an actor created with a parent, outside its snapshot', () => {
  it('belongs to the system and the inspector, and tells the parent its end', () => {
    const received: string[] = [];
    const registered: unknown[] = [];
    const plain = setup({}).createMachine({});
    const parentLogic = Object.create(plain, {
      transition: {
        value: (...args: Parameters<typeof plain.transition>) => {
          received.push(args[1].type);
          return args[0];
        },
      },
    }) as typeof plain;
    const root = createActor(parentLogic, {
      id: 'root',
      inspect: (event) => {
        if (event.type === '@xstate.actor') registered.push((event.actorRef as AnyActorRef).id);
      },
    });
    root.start();
    const once = setup({}).createMachine({ initial: 'a', states: { a: { type: 'final' } } });

    const child = createActor(once, { id: 'child', parent: root } as never);
    child.start();

    expect(registered).toEqual(['root', 'child']);
    expect(child.system).toBe(root.system);
    expect(root.getSnapshot().children).toEqual({});
    expect(received).toEqual(['xstate.done.actor.child']);
  });

  it('in error keeps the children of its snapshot, so that they can be stopped', () => {
    const machine = setup({
      actors: { kid: fromCallback(() => {}) },
      actions: {
        boom: () => {
          throw new Error('entry failed');
        },
      },
    }).createMachine({
      invoke: { src: 'kid', id: 'kid' },
      initial: 'a',
      states: { a: { entry: 'boom' } },
    });
    const actor = createActor(machine);
    actor.subscribe({ error: () => {} });

    actor.start();

    const snapshot = actor.getSnapshot();
    expect(snapshot.status).toBe('error');
    expect(snapshot.children.kid?.getSnapshot().status).toBe('active');
  });
});

describe('a machine with another transition on top', () => {
  it('is still a machine for everything else', () => {
    const wrapped = Object.create(lamp, { transition: { value: lamp.transition } }) as typeof lamp;

    const actor = createActor(wrapped);
    actor.start();

    expect(wrapped).toBeInstanceOf(lamp.constructor);
    expect(JSON.stringify(wrapped)).toBe(JSON.stringify(lamp));
    expect(actor.getSnapshot().can({ type: 'toggle' })).toBe(true);
    actor.stop();
  });
});
