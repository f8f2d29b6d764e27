import { describe, expect, it } from 'vitest';
import type { AnyActorRef } from 'xstate';
import { every, policy, service, supervisor, tasks } from '../../../src/index.ts';
import { scopeKey, scopeOf } from '../../../src/kernel/scope.ts';
import { deaf, Lab } from '../../kernel/lab.ts';
import { codeOf, no, stage } from './stage.ts';

describe('the end of an incarnation', () => {
  it('tells the function that runs, and waits for what becomes of it', async () => {
    const api = policy('api', { timeout: '10s', retry: {} });
    const results: unknown[] = [];
    const caller = service('caller', async (ctx) => {
      results.push(
        await api.run(ctx, async ({ signal }) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          await lab.wait(300);
          return `written, and told: ${codeOf(signal.reason)}`;
        }),
      );
    });
    const lab: Lab<ReturnType<typeof supervisor>> = new Lab(supervisor('app', [caller]));
    await lab.start();
    const report = await lab.stop();

    expect(results).toEqual(['written, and told: DARUMA_CANCELLED']);
    expect(report.exitCode).toBe(0);
    expect(lab.clock.monotonic()).toBe(300);
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('is a clean end when what runs obeys its signal', async () => {
    const api = policy('api', { timeout: '10s', retry: {}, breaker: { failures: 1 } });
    const caller = service('caller', (ctx) =>
      api.run(ctx, ({ signal }) => {
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      }),
    );
    const lab = await new Lab(supervisor('app', [caller])).start();
    await lab.stop();

    expect(lab.all('ended')).toMatchObject([{ reason: 'shutdown' }, { reason: 'shutdown' }]);
    expect(lab.all('stop-error')).toEqual([]);
    expect(lab.all('breaker')).toEqual([]);
  });

  it('still bounds what ignores its signal by its timeout', async () => {
    const api = policy('api', { timeout: '2s' });
    const caller = service('caller', (ctx) => api.run(ctx, deaf));
    const lab = await new Lab(supervisor('app', [caller])).start();
    await lab.clock.advance(500);
    await lab.stop();

    expect(lab.clock.monotonic()).toBe(2_000);
    expect(lab.all('stop-error')).toEqual([]);
    expect(lab.all('unstopped')).toEqual([]);
  });

  it('settles the calls of one that is abandoned, and leaves no timer and no place behind', async () => {
    const api = policy('api', { timeout: '1h', bulkhead: { concurrency: 1, queue: 1 } });
    const outcomes: unknown[] = [];
    const caller = service('caller', { stopWithin: '1s' }, (ctx) => {
      if (ctx.incarnation === 2) return api.run(ctx, () => outcomes.push('yes'));
      for (const nth of [1, 2]) {
        api.run(ctx, deaf).catch((error) => outcomes.push(`${nth}: ${codeOf(error)}`));
      }
      return deaf();
    });
    const lab = await new Lab(supervisor('app', [caller])).start();
    lab.system
      .ref('app/caller')
      .restart()
      .catch(() => {});
    await lab.clock.advance(999);
    expect(outcomes).toEqual(['2: DARUMA_CANCELLED']);
    await lab.clock.advance(1);

    expect(lab.all('unstopped')).toHaveLength(1);
    expect(outcomes).toEqual(['2: DARUMA_CANCELLED', '1: DARUMA_CANCELLED', 'yes']);
    expect(api.state(lab.system).bulkhead).toEqual({ running: 0, waiting: 0 });
    await lab.stop();
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('is also the end of calls that nobody waits for', async () => {
    const api = policy('api', { timeout: '1h' });
    const calls: Promise<unknown>[] = [];
    const caller = service('caller', { restart: 'transient' }, async (ctx) => {
      calls.push(api.run(ctx, deaf));
      calls[0]?.catch(() => {});
    });
    const lab = await new Lab(supervisor('app', [caller])).start();

    await expect(calls[0]).rejects.toMatchObject({ code: 'DARUMA_CANCELLED' });
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('lets no call begin any more', async () => {
    const it = await stage({ breaker: {} });
    const { ctx } = it;
    await it.lab.stop();

    expect(await it.outcome(it.api.run(ctx, () => 'yes'))).toBe('DARUMA_CANCELLED');
  });

  it('stops the timer of an open breaker with the system', async () => {
    const it = await stage({ breaker: { failures: 1, recovery: '1d' } });
    await it.fail();
    expect(it.lab.clock.pendingTimers).toBe(1);
    await it.lab.stop();

    expect(it.lab.clock.pendingTimers).toBe(0);
  });
});

describe('what a policy knows', () => {
  it('is shared by all services of a system, and outlives their incarnations', async () => {
    const api = policy('api', { breaker: { failures: 2 } });
    const call = async (ctx: Parameters<typeof api.run>[0]) => {
      await api.run(ctx, () => Promise.reject(no()));
    };
    const options = { backoff: { first: '10s', jitter: 'none' } } as const;
    const app = supervisor('app', [service('a', options, call), service('b', options, call)]);
    const lab = await new Lab(app).start();
    expect(api.state(lab.system).breaker?.status).toBe('open');
    await lab.clock.advance(10_000);

    const codes = lab.all('ended').map(({ path, error }) => [path, error?.code]);
    expect(codes).toEqual([
      ['app/a', undefined],
      ['app/b', undefined],
      ['app/a', 'DARUMA_CIRCUIT_OPEN'],
      ['app/b', 'DARUMA_CIRCUIT_OPEN'],
    ]);
  });

  it('is not shared by two systems', async () => {
    const api = policy('api', { breaker: { failures: 1 } });
    const make = () =>
      service('a', { backoff: { first: '20s', jitter: 'none' } }, (ctx) =>
        api.run(ctx, () => Promise.reject(no())),
      );
    const one = await new Lab(supervisor('app', [make()])).start();
    const other = new Lab(supervisor('app', [make()]));

    expect(api.state(one.system).breaker?.status).toBe('open');
    expect(api.state(other.system).breaker?.status).toBe('closed');
  });

  it('shows in an inspector as an actor of the system', async () => {
    const seen: string[] = [];
    const it = await stage(
      { breaker: { failures: 1 } },
      {
        inspect: (event) => {
          const { id } = event.actorRef as AnyActorRef;
          if (event.type !== '@xstate.snapshot' || id !== 'breaker/api') return;
          seen.push(String((event.snapshot as unknown as { value: unknown }).value));
        },
      },
    );
    await it.fail();
    await it.advance(60_000);

    expect([...new Set(seen)]).toEqual(['closed', 'open', 'halfOpen']);
  });

  it('would be forgotten by a policy that every incarnation makes: that is refused', async () => {
    const caller = service('caller', { backoff: { first: '1s', jitter: 'none' } }, async (ctx) => {
      await policy('api', { retry: {} }).run(ctx, () => 'fine');
      await ctx.sleep('5s');
      throw no();
    });
    const lab = await new Lab(supervisor('app', [caller])).start();
    await lab.clock.advance(7_000);

    expect(lab.all('ended').map(({ error }) => error?.code)).toEqual([
      undefined,
      'DARUMA_DUPLICATE_ID',
    ]);
  });

  it('ends with the run of a schedule, or the task, that made it', async () => {
    const hanging = policy('hanging', { retry: { backoff: { first: '20s', jitter: 'none' } } });
    const fails = () => Promise.reject(no());
    const outcomes: string[] = [];
    const note = (who: string) => (error: unknown) => {
      outcomes.push(`${who} ${(error as { code?: string }).code}`);
    };
    const job = every('job', '1s', { timeout: '5s', overlap: 'skip' }, async (ctx) => {
      await hanging.run(ctx, fails).catch(note('run'));
    });
    const worker = tasks('worker');
    const lab = await new Lab(supervisor('app', [job, worker])).start();
    const task = lab.system.value(worker)?.submit('sync', async (ctx) => {
      await hanging.run(ctx, fails).catch(note('task'));
    });
    task?.result.catch(() => {});

    await lab.clock.advance(2_000);
    void lab.system.value(worker)?.cancel('sync');
    await lab.clock.advance(5_000);

    expect(outcomes).toEqual(['task DARUMA_CANCELLED', 'run DARUMA_RUN_TIMEOUT']);
    await lab.stop();
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('belongs to the context that is handed on, also to one narrower than an incarnation', async () => {
    const it = await stage({ retry: { backoff: { first: '20s', jitter: 'none' } } });
    const cancel = new Set<() => void>();
    const whole = scopeOf(it.ctx);
    const narrow = {
      kernel: whole.kernel,
      path: whole.path,
      incarnation: whole.incarnation,
      cancelReason: undefined as Error | undefined,
      onCancel: (callback: () => void) => {
        cancel.add(callback);
        return () => cancel.delete(callback);
      },
      defer: () => {},
      record: whole.record.bind(whole),
      attribute: whole.attribute.bind(whole),
    };
    const run = { path: it.ctx.path, signal: it.ctx.signal, [scopeKey]: narrow };
    const call = it.api.run(run, () => Promise.reject(no()));
    expect(await it.outcome(call)).toBe('pending');
    narrow.cancelReason = new Error('the run is over');
    for (const callback of cancel) callback();

    expect(await it.outcome(call)).toBe('the run is over');
    await expect(it.api.run({} as never, () => 1)).rejects.toThrow('not the context of a service');
  });
});
