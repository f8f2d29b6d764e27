import { describe, expect, it } from 'vitest';
import { isDarumaError, type PolicyError } from '../../../src/index.ts';
import { failureOf } from '../../kernel/lab.ts';
import { no, stage } from './stage.ts';

describe('a breaker', () => {
  it('opens after five failures in a row, and refuses without calling', async () => {
    const { api, fail, succeed, lab } = await stage({ breaker: {} });
    await fail(4);
    await succeed();
    await fail(4);
    expect(api.state(lab.system).breaker).toMatchObject({ status: 'closed', failures: 4 });

    await fail();
    expect(api.state(lab.system).breaker).toMatchObject({
      status: 'open',
      retryAfterMs: 60_000,
    });
    const error = (await failureOf(succeed())) as PolicyError;
    expect(isDarumaError(error)).toBe(true);
    expect(error).toMatchObject({
      code: 'DARUMA_CIRCUIT_OPEN',
      path: 'app/caller',
      policy: 'api',
      retryAfterMs: 60_000,
    });
    expect(error.cause).toEqual(no());
  });

  it('half-opens by itself when the recovery time has passed, and says so', async () => {
    const it = await stage({ breaker: { failures: 1, recovery: '10s' } });
    await it.fail();
    await it.advance(9_999);
    expect(it.breaker).toBe('open');
    await it.advance(1);

    expect(it.breaker).toBe('half-open');
    expect(it.events('breaker').map(({ at, status }) => [at, status])).toEqual([
      [0, 'open'],
      [10_000, 'half-open'],
    ]);
  });

  it('admits one probe of fifty calls at a time, and refuses the others', async () => {
    const it = await stage({ breaker: { failures: 1, recovery: '10s' } });
    await it.fail();
    await it.advance(10_000);
    const calls = Array.from({ length: 50 }, () => it.begin());
    const outcomes = await Promise.all(calls.map((call) => it.outcome(call)));

    expect(it.pending).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'DARUMA_CIRCUIT_OPEN')).toHaveLength(49);
    it.pending[0]?.succeed('back');
    expect(await it.outcome(calls[0] as Promise<unknown>)).toBe('back');
    expect(it.breaker).toBe('closed');
  });

  it('opens again when a probe fails, for the whole recovery time', async () => {
    const it = await stage({ breaker: { failures: 1, recovery: '10s' } });
    await it.fail();
    await it.advance(12_000);
    await it.fail();
    expect(it.breaker).toBe('open');
    await it.advance(9_999);
    expect(it.breaker).toBe('open');
    await it.advance(1);

    expect(it.breaker).toBe('half-open');
  });

  it('closes after as many successful probes as successThreshold says', async () => {
    const it = await stage({ breaker: { failures: 1, recovery: '10s', successThreshold: 3 } });
    await it.fail();
    await it.advance(10_000);
    await it.succeed();
    await it.succeed();
    expect(it.breaker).toBe('half-open');
    await it.succeed();

    expect(it.breaker).toBe('closed');
    expect(it.events('probe').map(({ status }) => status)).toEqual(
      Array.from({ length: 3 }, () => ['admitted', 'succeeded']).flat(),
    );
  });

  it('admits as many probes at a time as it is told, and one failing is enough', async () => {
    const it = await stage({
      breaker: { failures: 1, recovery: '10s', probes: 2, successThreshold: 2 },
    });
    await it.fail();
    await it.advance(10_000);
    const [first, second, third] = [it.begin(), it.begin(), it.begin()];

    expect(await it.outcome(third)).toBe('DARUMA_CIRCUIT_OPEN');
    it.pending[0]?.fail();
    expect(await it.outcome(first)).toBe('no');
    expect(it.breaker).toBe('open');
    it.pending[1]?.succeed('late');
    expect(await it.outcome(second)).toBe('late');
    expect(it.breaker).toBe('open');
  });

  it('counts a probe that runs into its timeout as failed', async () => {
    const it = await stage({ timeout: '2s', breaker: { failures: 1, recovery: '10s' } });
    await it.fail();
    await it.advance(10_000);
    const probe = it.begin();
    await it.advance(2_000);

    expect(await it.outcome(probe)).toBe('DARUMA_CALL_TIMEOUT');
    expect(it.breaker).toBe('open');
  });

  it('gives a probe that hangs up after probeWithin, and ignores what comes of it', async () => {
    const it = await stage({ breaker: { failures: 1, recovery: '10s', probeWithin: '3s' } });
    await it.fail();
    await it.advance(10_000);
    const probe = it.begin();
    await it.advance(2_999);
    expect(it.breaker).toBe('half-open');
    await it.advance(1);
    expect(it.breaker).toBe('open');
    it.pending[0]?.succeed('at last');

    expect(await it.outcome(probe)).toBe('at last');
    expect(it.breaker).toBe('open');
    await it.advance(10_000);
    expect(await it.outcome(it.succeed())).toBe('yes');
  });

  it('is not closed by a slow success that was begun before it opened', async () => {
    const it = await stage({ breaker: { failures: 2, recovery: '10s' } });
    it.begin();
    await it.fail(2);
    it.pending[0]?.succeed();
    await it.lab.clock.settle();

    expect(it.breaker).toBe('open');
  });

  it('does not stay open longer for a late failure of a call begun before it opened', async () => {
    const it = await stage({ breaker: { failures: 2, recovery: '10s' } });
    it.begin();
    await it.fail(2);
    await it.advance(9_000);
    it.pending[0]?.fail();
    await it.advance(1_000);

    expect(it.breaker).toBe('half-open');
    expect(it.events('breaker')).toHaveLength(2);
  });

  it('does not count aborts, nor what isFailure says is none', async () => {
    const isFailure = (error: unknown) => (error as Error).message !== 'not found';
    const it = await stage({ breaker: { failures: 2, isFailure } });
    const aborted = Object.assign(new Error('aborted'), { name: 'AbortError' });
    for (const error of [aborted, new Error('not found'), aborted, new Error('not found')]) {
      const call = it.begin();
      it.pending.at(-1)?.fail(error);
      await it.outcome(call);
    }

    expect(it.api.state(it.lab.system).breaker).toMatchObject({ status: 'closed', failures: 0 });
    await it.fail();
    const call = it.begin();
    it.pending.at(-1)?.fail(new Error('not found'));
    await it.outcome(call);
    // It answered: that is a success.
    expect(it.api.state(it.lab.system).breaker).toMatchObject({ failures: 0 });
  });

  it('counts an error that isFailure throws at', async () => {
    const isFailure = () => {
      throw new TypeError('oops');
    };
    const it = await stage({ breaker: { failures: 1, isFailure } });

    expect(await it.outcome(it.fail().then(() => it.breaker))).toBe('open');
  });

  it('withdraws a probe whose caller is stopped, and lets the next one try', async () => {
    const it = await stage({ breaker: { failures: 1, recovery: '10s' } });
    await it.fail();
    await it.advance(10_000);
    const probe = it.begin();
    it.pending[0]?.signal.addEventListener('abort', () => it.pending[0]?.fail());
    await it.lab.until(it.lab.system.ref('app/caller').restart());

    expect(await it.outcome(probe)).toBe('no');
    expect(it.events('probe').map(({ status }) => status)).toEqual(['admitted', 'withdrawn']);
    expect(it.breaker).toBe('half-open');
    expect(await it.outcome(it.succeed())).toBe('yes');
    expect(it.breaker).toBe('closed');
  });

  it('admits no more when calls are made by who hears of a change', async () => {
    const it = await stage({ breaker: { failures: 1, recovery: '10s' } });
    const heard: unknown[] = [];
    it.lab.system.events$.subscribe((event) => {
      if (event.type !== 'breaker') return;
      heard.push([event.status, it.breaker]);
      for (let nth = 0; nth < 3; nth++) it.begin();
    });
    await it.fail();
    expect(it.pending).toHaveLength(0);
    await it.advance(10_000);
    expect(it.pending).toHaveLength(1);
    it.pending[0]?.fail();
    await it.lab.clock.settle();

    expect(it.pending).toHaveLength(1);
    expect(heard).toEqual([
      ['open', 'open'],
      ['half-open', 'half-open'],
      ['open', 'open'],
    ]);
  });

  it('does not care when the time of day is set', async () => {
    const it = await stage({ breaker: { failures: 1, recovery: '10s' } });
    await it.fail();
    it.lab.clock.jump(3_600_000);
    await it.advance(9_999);
    expect(it.breaker).toBe('open');
    it.lab.clock.jump(-7_200_000);
    await it.advance(1);

    expect(it.breaker).toBe('half-open');
  });
});

describe('what a breaker counts', () => {
  it('failures within a window of time, successes in between or not', async () => {
    const it = await stage({ breaker: { failures: 3, window: '10s' } });
    await it.fail(2);
    await it.succeed();
    await it.advance(10_001);
    await it.fail(2);
    expect(it.breaker).toBe('closed');
    await it.advance(10_000);
    await it.fail();
    // The edge is inside.
    expect(it.breaker).toBe('open');
  });

  it('the share of the last calls, once there were enough', async () => {
    const it = await stage({
      breaker: { failureRate: 0.5, window: { calls: 4 }, minimumCalls: 4 },
    });
    await it.fail(3);
    expect(it.breaker).toBe('closed');
    await it.fail();
    expect(it.breaker).toBe('open');
    await it.advance(60_000);
    await it.succeed();
    for (let nth = 0; nth < 3; nth++) await it.succeed();
    await it.fail();
    expect(it.api.state(it.lab.system).breaker).toMatchObject({ calls: 4, failures: 1 });
    await it.fail();
    expect(it.breaker).toBe('open');
  });

  it('the share of the calls in a window of time', async () => {
    const it = await stage({ breaker: { failureRate: 0.5, window: '10s', minimumCalls: 2 } });
    for (let nth = 0; nth < 10; nth++) await it.succeed();
    await it.fail(4);
    expect(it.breaker).toBe('closed');
    await it.advance(11_000);
    await it.fail();
    expect(it.breaker).toBe('closed');
    await it.fail();

    expect(it.breaker).toBe('open');
  });
});
