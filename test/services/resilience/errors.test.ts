import { describe, expect, it } from 'vitest';
import { isDarumaError, type PolicyOptions } from '../../../src/index.ts';
import { no, stage } from './stage.ts';

/** An error as people read it. */
function text(error: unknown): string {
  if (!isDarumaError(error)) throw error;
  const cause = error.cause instanceof Error ? `\ncause: ${error.cause.message}` : '';
  return `${error.code} at ${error.path}\n${error.message}\nhint: ${error.hint}${cause}`;
}

/** What the last of some calls throws that are made at once and never end by themselves. */
async function errorUnder(options: PolicyOptions, calls: number, failures = 0): Promise<string> {
  const it = await stage(options);
  await it.fail(failures);
  const begun = Array.from({ length: calls }, () => it.begin());
  const failure = begun.at(-1)?.catch((error: unknown) => text(error));
  await it.advance(10_000);
  return String(await failure);
}

describe('the errors of a policy', () => {
  it('an attempt took too long', async () => {
    expect(await errorUnder({ timeout: '2s' }, 1)).toMatchInlineSnapshot(`
      "DARUMA_CALL_TIMEOUT at app/caller
      An attempt of api took longer than 2s.
      hint: Hand the call's signal on, so that what takes too long is given up. Raise 'timeout' if it is just slow."
    `);
  });

  it('the whole call took too long', async () => {
    const it = await stage({
      timeout: { total: '5s' },
      retry: { backoff: { first: '4s', jitter: 'none' } },
    });
    const call = it.api.run(it.ctx, () => Promise.reject(no()));
    const failure = call.catch((error: unknown) => text(error));
    await it.advance(5_000);

    expect(await failure).toMatchInlineSnapshot(`
      "DARUMA_CALL_TIMEOUT at app/caller
      A call of api took longer than 5s in all, with 2 attempts.
      hint: The total counts waiting and delays too. Raise 'timeout.total', or make fewer attempts.
      cause: no"
    `);
  });

  it('the breaker is open', async () => {
    expect(await errorUnder({ breaker: { failures: 1 } }, 1, 1)).toMatchInlineSnapshot(`
      "DARUMA_CIRCUIT_OPEN at app/caller
      The breaker of api is open for another 1m: the call was refused.
      hint: Too many calls have failed; the cause is the last one. Answer with a fallback, or try again after retryAfterMs.
      cause: no"
    `);
  });

  it('the breaker is half open', async () => {
    const it = await stage({ breaker: { failures: 1, recovery: '1s' } });
    await it.fail();
    await it.advance(1_000);
    it.begin();

    expect(await it.begin().catch(text)).toMatchInlineSnapshot(`
      "DARUMA_CIRCUIT_OPEN at app/caller
      The breaker of api is half open, with a probe under way: the call was refused.
      hint: Too many calls have failed; the cause is the last one. Answer with a fallback, or try again after retryAfterMs.
      cause: no"
    `);
  });

  it('the bulkhead is full', async () => {
    const options = { bulkhead: { concurrency: 2, queue: 1 } };
    expect(await errorUnder(options, 4)).toMatchInlineSnapshot(`
      "DARUMA_BULKHEAD_FULL at app/caller
      The bulkhead of api is full: 2 calls are running, and 1 of 1 wait.
      hint: More calls come than it answers. Raise 'bulkhead.queue' for bursts, 'bulkhead.concurrency' if the other side can bear it."
    `);
  });

  it('the turn would come too late', async () => {
    expect(await errorUnder({ rateLimit: { limit: 2, per: '1m' } }, 3)).toMatchInlineSnapshot(`
      "DARUMA_RATE_LIMITED at app/caller
      api allows 2 calls in 1m: this one would wait 1m, and a call waits 10s at most.
      hint: Try again after retryAfterMs, or raise 'rateLimit.maxWait'."
    `);
    expect(
      await errorUnder({ rateLimit: { limit: 2, per: '1m', maxWait: 0 } }, 3),
    ).toMatchInlineSnapshot(`
      "DARUMA_RATE_LIMITED at app/caller
      api allows 2 calls in 1m: this one would wait 1m, and calls do not wait here.
      hint: Try again after retryAfterMs, or raise 'rateLimit.maxWait'."
    `);
  });
});
