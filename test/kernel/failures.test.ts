import { describe, expect, it } from 'vitest';
import { ignore, service, supervisor } from '../../src/index.ts';
import { idle, Lab } from './lab.ts';

class Unreadable extends Error {
  override get message(): string {
    return fail();
  }
}

function fail(): never {
  throw new Error('not for you');
}

function revokedProxy(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const thrown: [string, unknown][] = [
  ['an error', new Error('plain')],
  ['a frozen error', Object.freeze(new RangeError('frozen'))],
  ['a string', 'text'],
  ['a number', 42],
  ['null', null],
  ['a symbol', Symbol('x')],
  ['an object without a prototype', Object.create(null)],
  ['an object whose toString throws', { toString: fail }],
  ['an error whose message cannot be read', new Unreadable()],
  ['a revoked proxy', revokedProxy()],
];

describe('whatever user code throws', () => {
  it.each([...thrown, ['undefined', undefined]])(
    'in a body: %s is the failure of its child, as plain data',
    async (_what, value) => {
      const feed = service('feed', { backoff: { first: 0 } }, (ctx) => {
        if (ctx.incarnation === 1) throw value;
        return idle(ctx);
      });
      const lab = await new Lab(supervisor('app', [service('sibling', idle), feed])).start();

      expect(lab.system.ref('app/feed').incarnation()).toBe(2);
      expect(lab.system.ref('app/feed').status()).toBe('running');
      expect(lab.system.ref('app/sibling').incarnation()).toBe(1);
      expect(lab.all('ended')).toMatchObject([
        { path: 'app/feed', reason: 'error', error: { message: expect.any(String) } },
      ]);
      expect(JSON.parse(JSON.stringify(lab.events))).toEqual(lab.events);
    },
  );

  it.each(thrown)('in a start hook: %s fails the start', async (_what, value) => {
    const feed = service('feed', {
      start: async () => {
        throw value;
      },
    });
    const lab = new Lab(supervisor('app', [feed]));

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({ code: 'DARUMA_START_FAILED', path: 'app/feed' });
    expect((error as Error).cause).toBe(value);
  });

  it.each([...thrown, ['undefined', undefined]])(
    'in a cleanup: %s is a stop error, and the rest of it runs',
    async (_what, value) => {
      const ran: string[] = [];
      const feed = service('feed', (ctx) => {
        ctx.defer(() => ran.push('first'));
        ctx.defer(() => {
          throw value;
        });
        return idle(ctx);
      });
      const lab = await new Lab(supervisor('app', [feed])).start();

      const report = await lab.stop();

      expect(ran).toEqual(['first']);
      expect(report.stopErrors).toMatchObject([{ path: 'app/feed' }]);
    },
  );

  it('in a start hook: undefined fails the start, with an error that says so', async () => {
    const feed = service('feed', { start: () => Promise.reject(undefined) });
    const lab = new Lab(supervisor('app', [feed]));

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({ code: 'DARUMA_START_FAILED', path: 'app/feed' });
    expect(String(error)).toContain('undefined');
  });

  it('in what it returns: a thenable that throws is a failure', async () => {
    const boom = () => {
      throw new Error('trap');
    };
    const traps = [
      Object.defineProperty({}, 'then', { get: boom }),
      Object.defineProperty({}, 'then', { value: boom }),
    ];
    for (const trap of traps) {
      const feed = service('feed', { restart: 'temporary' }, () => trap);

      const lab = await new Lab(supervisor('app', [feed])).start();

      expect(lab.all('ended')).toMatchObject([{ reason: 'error', error: { message: 'trap' } }]);
    }
  });

  it('before a cancellation: an abort error is a failure like any other', async () => {
    const feed = service('feed', { restart: 'temporary' }, () =>
      AbortSignal.abort().throwIfAborted(),
    );
    const lab = await new Lab(supervisor('app', [feed])).start();

    expect(lab.all('ended')).toMatchObject([{ reason: 'error', error: { name: 'AbortError' } }]);
  });
});

describe('a cleanup step that is none', () => {
  it('is refused where it is registered', async () => {
    const closed: string[] = [];
    const pool = {} as { close(): void };
    const feed = service('feed', {
      start: (ctx) => {
        ctx.defer(() => closed.push('socket'));
        ctx.defer(pool.close);
      },
    });
    const lab = new Lab(supervisor('app', [feed]));

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({ code: 'DARUMA_START_FAILED', cause: { name: 'TypeError' } });
    expect(closed).toEqual(['socket']);
  });
});

describe('a body that returns', () => {
  it('hints at transient where it is permanent', async () => {
    const feed = service('feed', { backoff: { first: '1s', jitter: 'none' } }, () => {});
    const lab = await new Lab(supervisor('app', [feed])).start();

    expect(lab.all('hint')).toMatchObject([
      { path: 'app/feed', text: expect.stringContaining("restart: 'transient'") },
    ]);
    expect(lab.system.ref('app/feed').status()).toBe('backoff');
  });

  it('ignore after it was ready has returned normally', async () => {
    const feed = service('feed', { restart: 'transient' }, () => ignore);
    const lab = await new Lab(supervisor('app', [feed])).start();

    expect(lab.log('app/feed')).toEqual(['starting app/feed', 'ready app/feed', 'ended app/feed']);
  });
});
