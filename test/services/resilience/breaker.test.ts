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
});
