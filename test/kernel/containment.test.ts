import { describe, expect, it, vi } from 'vitest';
import {
  type AnyActorRef,
  assign,
  type EventObject,
  fromCallback,
  sendParent,
  setup,
} from 'xstate';
import { service, supervisor } from '../../src/index.ts';
import { Lab } from './lab.ts';

/** A machine with an invoked child that fails where and when it is told to. */
function fragile(where: 'action' | 'guard' | 'assign' | 'child') {
  const dispose = vi.fn();
  const boom = () => {
    throw new Error(`${where} failed`);
  };
  const machine = setup({
    types: {} as { events: { type: 'break' }; context: { n: number } },
    actors: {
      kid: fromCallback(() => dispose),
      moody: fromCallback(({ receive }) => receive(boom)),
    },
    actions: {
      work: where === 'action' ? boom : () => {},
      count: assign(where === 'assign' ? boom : {}),
      tell: ({ self }) => {
        if (where === 'child') self.getSnapshot().children.moody?.send({ type: 'break' });
      },
    },
    guards: { isFine: where === 'guard' ? boom : () => true },
  }).createMachine({
    context: { n: 0 },
    invoke: [{ src: 'kid' }, { src: 'moody', id: 'moody' }],
    on: { break: { guard: 'isFine', actions: ['count', 'work', 'tell'] } },
  });
  return { machine, dispose };
}

describe("a failure inside a user's machine", () => {
  it.each(['action', 'guard', 'assign', 'child'] as const)(
    'of its %s is the failure of the service, and its children are stopped',
    async (where) => {
      const { machine, dispose } = fragile(where);
      const shaky = service('shaky', { restart: 'temporary' }, machine);
      const lab = await new Lab(supervisor('app', [shaky])).start();

      lab.system.value(shaky)?.send({ type: 'break' });
      await lab.clock.settle();

      expect(lab.all('ended')[0]).toMatchObject({
        path: 'app/shaky',
        reason: 'error',
        error: { message: expect.stringContaining(`${where} failed`) },
      });
      expect(dispose).toHaveBeenCalledOnce();
    },
  );

  it('does not touch its siblings, and it is restarted', async () => {
    const { machine } = fragile('action');
    const shaky = service('shaky', { backoff: { first: 0 } }, machine);
    const lab = new Lab(
      supervisor('app', [
        service(
          'sibling',
          fromCallback(() => {}),
        ),
        shaky,
      ]),
    );
    await lab.start();

    lab.system.value(shaky)?.send({ type: 'break' });
    await lab.clock.settle();

    expect(lab.system.ref('app/shaky').incarnation()).toBe(2);
    expect(lab.system.ref('app/shaky').status()).toBe('running');
    expect(lab.system.ref('app/sibling').incarnation()).toBe(1);
  });

  it('in an initial entry action fails its start, and stops what it had started', async () => {
    const dispose = vi.fn();
    const machine = setup({
      actors: { kid: fromCallback(() => dispose) },
      actions: {
        boom: () => {
          throw new Error('entry failed');
        },
      },
    }).createMachine({ invoke: { src: 'kid' }, initial: 'a', states: { a: { entry: 'boom' } } });
    const lab = new Lab(supervisor('app', [service('shaky', machine)]));

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({
      code: 'DARUMA_START_FAILED',
      cause: { message: 'entry failed' },
    });
    expect(dispose).toHaveBeenCalledOnce();
  });

  it('deep inside it, stops what the failed machine had started', async () => {
    const dispose = vi.fn();
    const boom = () => {
      throw new Error('deep inside');
    };
    const inner = setup({
      types: {} as { events: { type: 'break' } },
      actors: { kid: fromCallback(() => dispose) },
      actions: { boom },
    }).createMachine({ invoke: { src: 'kid' }, on: { break: { actions: 'boom' } } });
    const outer = setup({
      types: {} as { events: { type: 'break' } },
      actors: { inner },
      actions: {
        tell: ({ self }) => self.getSnapshot().children.inner?.send({ type: 'break' }),
      },
    }).createMachine({
      initial: 'whole',
      states: {
        whole: {
          invoke: { src: 'inner', id: 'inner', onError: 'hurt' },
          on: { break: { actions: 'tell' } },
        },
        hurt: {},
      },
    });
    const robust = service('robust', outer);
    const lab = await new Lab(supervisor('app', [robust])).start();

    lab.system.value(robust)?.send({ type: 'break' });
    await lab.clock.settle();

    expect(lab.system.value(robust)?.getSnapshot().value).toBe('hurt');
    expect(dispose).toHaveBeenCalledOnce();
  });

  it('in the creation of its context fails its start', async () => {
    const machine = setup({ types: {} as { context: { n: number } } }).createMachine({
      context: () => {
        throw new Error('no context');
      },
    });
    const lab = new Lab(supervisor('app', [service('shaky', machine)]));

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({ code: 'DARUMA_START_FAILED', cause: { message: 'no context' } });
  });

  it('leaves the machine of the definition as it is', async () => {
    const { machine } = fragile('action');
    const { transition } = machine;
    await new Lab(supervisor('app', [service('shaky', machine)])).start();

    expect(machine.transition).toBe(transition);
  });
});

describe("what a user's logic sends to its parent", () => {
  const words = ['start', 'stop', 'kill', 'rest', 'ready', 'ignored', 'left', 'failed', 'ended'];

  it.each(words)('with sendBack, such as %s, means nothing to the supervisor', async (type) => {
    const talkative = fromCallback(({ sendBack, receive }) => {
      receive((event) => sendBack({ ...event, type }));
    });
    const socket = service('socket', talkative);
    const lab = await new Lab(supervisor('app', [socket])).start();
    const before = lab.log();

    lab.system.value(socket)?.send({ type: 'go', at: 0, limitMs: 0, attempt: 0 } as EventObject);
    await lab.clock.advance(10_000);

    expect(lab.log()).toEqual(before);
    expect(lab.system.ref('app/socket').status()).toBe('running');
  });

  it('before it is ready does not make it ready', async () => {
    const machine = setup({}).createMachine({ entry: sendParent({ type: 'ready' }) });
    const lab = new Lab(supervisor('app', [service('talker', { ready: () => false }, machine)]));
    void lab.begin();

    await lab.clock.settle();

    expect(lab.system.ref('app/talker').status()).toBe('starting');
  });
});

describe("the end of a user's machine", () => {
  const ending = setup({
    types: {} as { events: { type: 'fail' } | { type: 'finish' } },
    actions: {
      meet: (_args) => {},
      fail: () => {
        throw new Error('boom');
      },
    },
  }).createMachine({
    initial: 'open',
    entry: 'meet',
    on: { fail: { actions: 'fail' }, finish: '.closed' },
    states: { open: {}, closed: { type: 'final' } },
  });

  it.each(['fail', 'finish'] as const)(
    'by %s before it is ready, after which nothing is left of its place, prints nothing',
    async (type) => {
      const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
      const actors: AnyActorRef[] = [];
      const never = (_snapshot: unknown) => false;
      const hasty = ending.provide({ actions: { meet: ({ self }) => actors.push(self) } });
      const lab = await new Lab(supervisor('app', [service('first', { start: () => 1 })])).start();
      const added = lab.system
        .ref('app')
        .startChild(service('hasty', { ready: never, run: hasty }));
      added.catch(() => {});
      await lab.clock.settle();

      actors[0]?.send({ type });

      expect(await lab.errorOf(added)).toMatchObject({ code: 'DARUMA_START_FAILED' });
      expect(lab.log('app/hasty').at(-1)).toBe('dropped app/hasty');
      expect(warned.mock.calls).toEqual([]);
      warned.mockRestore();
    },
  );

  it('is still told to who sends to it later, as XState does', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const fleeting = service('fleeting', { restart: 'temporary', run: ending });
    const lab = await new Lab(supervisor('app', [fleeting])).start();
    const actor = lab.system.value(fleeting);

    actor?.send({ type: 'finish' });
    actor?.send({ type: 'fail' });

    expect(warned.mock.calls).toEqual([[expect.stringContaining('sent to stopped actor')]]);
    warned.mockRestore();
  });
});
