import { Subject } from 'rxjs';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import {
  type ActorRefFrom,
  assign,
  fromCallback,
  fromObservable,
  fromPromise,
  fromTransition,
  setup,
} from 'xstate';
import { type Context, service, supervisor } from '../../src/index.ts';
import { idle, Lab } from './lab.ts';

/** A door that says when it is open, and closes properly when it is asked to stop. */
const door = setup({
  types: {} as {
    context: { readonly opened: number };
    events: { type: 'open' } | { type: 'slam' } | { type: 'daruma.stop' } | { type: 'closed' };
    output: string;
  },
  actions: { count: assign({ opened: ({ context }) => context.opened + 1 }) },
}).createMachine({
  context: { opened: 0 },
  initial: 'closed',
  states: {
    closed: { on: { open: { target: 'open', actions: 'count' }, 'daruma.stop': 'gone' } },
    open: { on: { slam: 'gone', 'daruma.stop': 'closing' } },
    closing: { on: { closed: 'gone' } },
    gone: { type: 'final' },
  },
  output: ({ context }) => `opened ${context.opened} times`,
});

describe('a machine as a body', () => {
  it('is ready when it was started, and is the ready value', async () => {
    const entrance = service('entrance', door);
    const lab = await new Lab(supervisor('app', [entrance])).start();

    const actor = lab.system.value(entrance);

    expectTypeOf(actor).toEqualTypeOf<ActorRefFrom<typeof door> | undefined>();
    expect(actor?.getSnapshot().value).toBe('closed');
    expect(lab.system.ref('app/entrance').status()).toBe('running');
  });

  it('is ready as soon as the predicate holds for a snapshot', async () => {
    const refs: ActorRefFrom<typeof door>[] = [];
    const entrance = service('entrance', { ready: (snapshot) => snapshot.matches('open') }, door);
    const lab = new Lab(supervisor('app', [entrance, service('next', idle)]), {
      inspect: (event) => {
        if (event.type === '@xstate.actor' && 'id' in event.actorRef) {
          if (event.actorRef.id === 'entrance.body') refs.push(event.actorRef as never);
        }
      },
    });
    const started = lab.begin();
    await lab.clock.settle();
    const before = [lab.system.ref('app/entrance').status(), lab.system.value(entrance)];

    refs[0]?.send({ type: 'open' });
    await lab.until(started);

    expect(before).toEqual(['starting', undefined]);
    expect(lab.system.value(entrance)).toBe(refs[0]);
    expect(lab.system.ref('app/next').status()).toBe('running');
  });

  it('gets { ctx, ...input } as its input', async () => {
    interface Input {
      readonly ctx: Context;
      readonly street: string;
    }
    const house = setup({ types: {} as { context: Input; input: Input } }).createMachine({
      context: ({ input }) => input,
    });
    const home = service('home', { input: { street: 'Elm' } }, house);
    const lab = await new Lab(supervisor('app', [home])).start();

    const context = lab.system.value(home)?.getSnapshot().context;

    expect(context?.street).toBe('Elm');
    expect(context?.ctx.path).toBe('app/home');
  });

  it('is sent daruma.stop, and is waited for until it is in a final state', async () => {
    const entrance = service('entrance', door);
    const lab = await new Lab(supervisor('app', [entrance])).start();
    const actor = lab.system.value(entrance);
    actor?.send({ type: 'open' });
    const stopped = lab.system.stop();
    await lab.clock.advance(1_000);
    const before = [actor?.getSnapshot().value, lab.system.ref('app/entrance').status()];

    actor?.send({ type: 'closed' });
    const report = await lab.until(stopped);

    expect(before).toEqual(['closing', 'stopping']);
    expect(report).toMatchObject({ unstopped: [], stopErrors: [] });
    expect(actor?.getSnapshot()).toMatchObject({ status: 'done', output: 'opened 1 times' });
  });

  it('is unstopped when it takes daruma.stop and does not end', async () => {
    const entrance = service('entrance', { stopWithin: '2s' }, door);
    const lab = await new Lab(supervisor('app', [entrance])).start();
    const actor = lab.system.value(entrance);
    actor?.send({ type: 'open' });

    const report = await lab.stop();

    expect(report.unstopped).toEqual(['app/entrance']);
    expect(lab.clock.monotonic()).toBe(2_000);
    expect(actor?.getSnapshot().status).toBe('stopped');
  });

  it('is not asked when it is brutal', async () => {
    const events: string[] = [];
    const listening = setup({ actions: { note: ({ event }) => events.push(event.type) } });
    const machine = listening.createMachine({ on: { '*': { actions: 'note' } } });
    const brute = service('brute', { stopWithin: 'brutal' }, machine);
    const lab = await new Lab(supervisor('app', [brute])).start();
    const actor = lab.system.value(brute);

    const report = await lab.stop();

    expect(events).toEqual([]);
    expect(actor?.getSnapshot().status).toBe('stopped');
    expect(report).toMatchObject({ exitCode: 0, unstopped: [], stopErrors: [] });
  });

  it('that cannot take daruma.stop is stopped at once', async () => {
    const plain = setup({}).createMachine({});
    const lab = await new Lab(supervisor('app', [service('plain', plain)])).start();

    const report = await lab.stop();

    expect(report).toMatchObject({ unstopped: [], stopErrors: [] });
    expect(lab.clock.monotonic()).toBe(0);
  });

  it('whose guard throws at daruma.stop is stopped at once', async () => {
    const touchy = setup({
      types: {} as { events: { type: 'daruma.stop' } },
      guards: {
        isCalm: () => {
          throw new Error('never');
        },
      },
    }).createMachine({ on: { 'daruma.stop': { guard: 'isCalm', actions: () => {} } } });
    const lab = await new Lab(supervisor('app', [service('touchy', touchy)])).start();

    const report = await lab.stop();

    expect(report).toMatchObject({ exitCode: 0, unstopped: [], stopErrors: [] });
  });

  it('ends normally in a final state', async () => {
    const entrance = service('entrance', { restart: 'transient' }, door);
    const lab = await new Lab(supervisor('app', [entrance])).start();
    const actor = lab.system.value(entrance);

    actor?.send({ type: 'open' });
    actor?.send({ type: 'slam' });
    await lab.clock.settle();

    expect(lab.all('ended')).toMatchObject([{ path: 'app/entrance', reason: 'normal' }]);
    expect(lab.system.ref('app/entrance').status()).toBe('stopped');
  });

  it('fails its start in a final state before it is ready', async () => {
    const over = setup({}).createMachine({ initial: 'a', states: { a: { type: 'final' } } });
    const lab = new Lab(
      supervisor('app', [
        service('over', { ready: (snapshot) => snapshot.matches('b' as never) }, over),
      ]),
    );

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({
      code: 'DARUMA_START_FAILED',
      cause: { code: 'DARUMA_ENDED_BEFORE_READY' },
    });
  });

  it('fails its start when the predicate throws, and is stopped', async () => {
    const dispose = vi.fn();
    const busy = setup({ actors: { kid: fromCallback(() => dispose) } }).createMachine({
      invoke: { src: 'kid' },
    });
    const ready = () => {
      throw new Error('no idea');
    };
    const lab = new Lab(supervisor('app', [service('busy', { ready }, busy)]));

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({ code: 'DARUMA_START_FAILED', cause: { message: 'no idea' } });
    expect(dispose).toHaveBeenCalledOnce();
  });

  it('does not ask the predicate any more once it was ready', async () => {
    const ready = vi.fn(() => true);
    const entrance = service('entrance', { ready }, door);
    const lab = await new Lab(supervisor('app', [entrance])).start();
    const asked = ready.mock.calls.length;

    lab.system.value(entrance)?.send({ type: 'open' });

    expect(ready.mock.calls.length).toBe(asked);
  });

  it('is a new actor in each incarnation', async () => {
    const entrance = service('entrance', { backoff: { first: 0 } }, door);
    const lab = await new Lab(supervisor('app', [entrance])).start();
    const first = lab.system.value(entrance);

    first?.send({ type: 'open' });
    first?.send({ type: 'slam' });
    await lab.clock.settle();
    const second = lab.system.value(entrance);

    expect(second).not.toBe(first);
    expect(second?.getSnapshot()).toMatchObject({ value: 'closed', context: { opened: 0 } });
  });

  it('takes its delays from the clock of the system', async () => {
    const lamp = setup({}).createMachine({
      initial: 'on',
      states: { on: { after: { 5000: 'off' } }, off: {} },
    });
    const light = service('light', lamp);
    const lab = await new Lab(supervisor('app', [light])).start();
    const values: unknown[] = [];

    await lab.clock.advance(4_999);
    values.push(lab.system.value(light)?.getSnapshot().value);
    await lab.clock.advance(1);
    values.push(lab.system.value(light)?.getSnapshot().value);

    expect(values).toEqual(['on', 'off']);
  });
});

describe('other logic as a body', () => {
  it('fromPromise ends normally when it resolves and fails when it rejects', async () => {
    const good = service(
      'good',
      { restart: 'temporary' },
      fromPromise(async () => 1),
    );
    const bad = service(
      'bad',
      { restart: 'temporary' },
      fromPromise(async () => {
        throw new Error('rejected');
      }),
    );
    const lab = await new Lab(supervisor('app', [good, bad])).start();

    expect(lab.all('ended')).toMatchObject([
      { path: 'app/good', reason: 'normal' },
      { path: 'app/bad', reason: 'error', error: { message: 'rejected' } },
    ]);
  });

  it('fromPromise is stopped at once, its own signal aborted', async () => {
    const signals: AbortSignal[] = [];
    const work = fromPromise(async ({ signal }) => {
      signals.push(signal);
      await new Promise(() => {});
    });
    const lab = await new Lab(supervisor('app', [service('work', work)])).start();

    const report = await lab.stop();

    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(report).toMatchObject({ unstopped: [], stopErrors: [] });
  });

  it('fromCallback is disposed of when it is stopped', async () => {
    const dispose = vi.fn();
    const lab = await new Lab(
      supervisor('app', [
        service(
          'socket',
          fromCallback(() => dispose),
        ),
      ]),
    ).start();

    await lab.stop();

    expect(dispose).toHaveBeenCalledOnce();
  });

  it('fromCallback whose disposer throws has a stop error', async () => {
    const socket = fromCallback(() => () => {
      throw new Error('cannot close');
    });
    const lab = await new Lab(supervisor('app', [service('socket', socket)])).start();

    const report = await lab.stop();

    expect(report.stopErrors).toMatchObject([
      { path: 'app/socket', error: { message: 'cannot close' } },
    ]);
    expect(lab.log('app/socket').at(-1)).toBe('ended app/socket');
  });

  it('fromCallback that throws fails its start', async () => {
    const socket = fromCallback(() => {
      throw new Error('no port');
    });
    const lab = new Lab(supervisor('app', [service('socket', { restart: 'temporary' }, socket)]));

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({ code: 'DARUMA_START_FAILED', cause: { message: 'no port' } });
  });

  it('fromObservable ends with its source, is ready by predicate, and unsubscribes on a stop', async () => {
    const prices = new Subject<number>();
    const ready = ({ context }: { context: unknown }) => Number(context) > 10;
    const lab = new Lab(
      supervisor('app', [
        service(
          'prices',
          { ready },
          fromObservable(() => prices),
        ),
      ]),
    );
    const started = lab.begin();
    await lab.clock.settle();
    prices.next(1);
    const before = lab.system.ref('app/prices').status();
    prices.next(11);
    await lab.until(started);
    const observed = prices.observed;

    await lab.stop();

    expect([before, observed, prices.observed]).toEqual(['starting', true, false]);
  });

  it('fromObservable that fails is a crash', async () => {
    const prices = new Subject<number>();
    const feed = service(
      'prices',
      { restart: 'temporary' },
      fromObservable(() => prices),
    );
    const lab = await new Lab(supervisor('app', [feed])).start();

    prices.error(new Error('feed lost'));
    await lab.clock.settle();

    expect(lab.all('ended')[0]).toMatchObject({ reason: 'error', error: { message: 'feed lost' } });
  });

  it('fromTransition runs until it is stopped', async () => {
    const counter = service(
      'counter',
      fromTransition(
        (count: number, event: { type: 'inc' }) => count + Number(event.type === 'inc'),
        0,
      ),
    );
    const lab = await new Lab(supervisor('app', [counter])).start();
    lab.system.value(counter)?.send({ type: 'inc' });

    expect(lab.system.value(counter)?.getSnapshot().context).toBe(1);
    expect(await lab.stop()).toMatchObject({ unstopped: [], stopErrors: [] });
  });
});
