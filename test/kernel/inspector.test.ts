import { createInspector } from '@statelyai/inspect';
import { describe, expect, it } from 'vitest';
import { type AnyActorRef, fromCallback, type InspectionEvent, setup } from 'xstate';
import { service, supervisor } from '../../src/index.ts';
import { idle, Lab } from './lab.ts';

const door = setup({
  types: {} as { events: { type: 'open' } },
  actors: { bell: fromCallback(() => {}) },
}).createMachine({
  id: 'door',
  initial: 'closed',
  invoke: { src: 'bell', id: 'bell' },
  states: { closed: { on: { open: 'open' } }, open: {} },
});

function tree() {
  const entrance = service('entrance', door);
  const pool = supervisor('pool', { strategy: 'dynamic', template: service('worker', idle) });
  return supervisor('app', [supervisor('edge', [entrance, service('feed', idle)]), pool]);
}

/** Every actor of the tree above, as `id < parent`. */
const everyActor = [
  'daruma',
  'app < daruma',
  'app.supervisor < app',
  'edge < app.supervisor',
  'pool < app.supervisor',
  'edge.supervisor < edge',
  'entrance < edge.supervisor',
  'feed < edge.supervisor',
  'entrance.body < entrance',
  'bell < entrance.body',
  'pool.supervisor < pool',
  'w1 < pool.supervisor',
].sort();

function lineage(ref: AnyActorRef): string {
  const parent = (ref as unknown as { _parent?: AnyActorRef })._parent;
  return parent ? `${ref.id} < ${parent.id}` : ref.id;
}

describe('inspect', () => {
  it.each(['function', 'observer'])('as a %s gets every actor with its parent', async (form) => {
    const seen: InspectionEvent[] = [];
    const next = (event: InspectionEvent) => void seen.push(event);
    const lab = new Lab(tree(), { inspect: form === 'function' ? next : { next } });

    await lab.start();
    await lab.until(lab.system.ref('app/pool').startChild({ id: 'w1' }));

    const actors = seen.filter(({ type }) => type === '@xstate.actor');
    expect(actors.map(({ actorRef }) => lineage(actorRef as AnyActorRef)).sort()).toEqual(
      everyActor,
    );
    expect(new Set(actors.map(({ rootId }) => rootId)).size).toBe(1);
  });

  it("sees events and snapshots of users' machines and of the charts", async () => {
    const seen: string[] = [];
    const lab = new Lab(tree(), {
      inspect: (event) => {
        const { id } = event.actorRef as AnyActorRef;
        if (event.type === '@xstate.snapshot' && 'value' in event.snapshot) {
          seen.push(`${id} is ${String(event.snapshot.value)}`);
        }
        if (event.type === '@xstate.event') seen.push(`${id} got ${event.event.type}`);
      },
    });
    await lab.start();
    const actor = lab.system.find('app/edge/entrance')?.value() as AnyActorRef;

    actor.send({ type: 'open' });

    expect(seen).toEqual(
      expect.arrayContaining([
        'daruma is booting',
        'entrance is starting',
        'entrance is running',
        'entrance.body is closed',
        'entrance.body got open',
        'entrance.body is open',
        'edge.supervisor is running',
        'daruma is running',
      ]),
    );
  });

  it("shows the user's machine as it is", async () => {
    const logics: unknown[] = [];
    const lab = new Lab(tree(), {
      inspect: (event) => {
        const ref = event.actorRef as AnyActorRef;
        if (event.type === '@xstate.actor' && ref.id === 'entrance.body') logics.push(ref);
      },
    });

    await lab.start();

    const [ref] = logics as { logic: typeof door }[];
    expect(ref?.logic.id).toBe('door');
    expect(ref?.logic.config).toBe(door.config);
    expect(JSON.stringify(ref?.logic)).toBe(JSON.stringify(door));
    expect(ref?.logic).toBeInstanceOf(door.constructor);
  });

  it.each(['function', 'observer'])('as a %s that throws changes nothing', async (form) => {
    const next = () => {
      throw new Error('broken viewer');
    };
    const lab = new Lab(tree(), { inspect: form === 'function' ? next : { next } });
    const plain = new Lab(tree());

    await Promise.all([lab.start(), plain.start()]);
    const reports = await Promise.all([lab.stop(), plain.stop()]);

    expect(lab.log()).toEqual(plain.log());
    expect(reports[0]).toEqual(reports[1]);
  });

  it('accepts an observer without next', async () => {
    const lab = new Lab(tree(), { inspect: {} });

    await lab.start();

    expect(lab.system.ref('app').status()).toBe('running');
  });
});

describe('the official inspector', () => {
  it('receives every actor of the tree, with its parent and its definition', async () => {
    interface Registered {
      readonly type: string;
      readonly name: string;
      readonly sessionId: string;
      readonly parentId?: string;
      readonly definition?: string;
    }
    const sent: Registered[] = [];
    const inspector = createInspector({ send: (event) => void sent.push(event as Registered) });
    const lab = new Lab(tree(), { inspect: inspector.inspect });
    await lab.start();
    await lab.until(lab.system.ref('app/pool').startChild({ id: 'w1' }));

    // It sends from timers of its own.
    await new Promise((resolve) => setTimeout(resolve, 10));

    const actors = sent.filter(({ type }) => type === '@xstate.actor');
    const nameOf = new Map(actors.map(({ sessionId, name }) => [sessionId, name]));
    const lines = actors.map(({ name, parentId }) => {
      return parentId === undefined ? name : `${name} < ${nameOf.get(parentId)}`;
    });
    expect(lines.sort()).toEqual(everyActor);
    const entrance = actors.find(({ name }) => name === 'entrance.body');
    expect(JSON.parse(entrance?.definition ?? '{}')).toMatchObject({
      id: 'door',
      initial: 'closed',
    });
    const chart = actors.find(({ name }) => name === 'entrance');
    expect(JSON.parse(chart?.definition ?? '{}').states.backoff.description).toContain('restart');
  });
});
