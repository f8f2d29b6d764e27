import { describe, expect, it } from 'vitest';
import { DefinitionError, heartbeat, supervisor } from '../../../src/index.ts';
import { checkTree } from '../../../src/testing/index.ts';
import { Lab } from '../../kernel/lab.ts';
import { Stage } from './stage.ts';

const minute = 60_000;

/** A receiver that is down from one beat to another. */
function receiver(isDown: (beat: number) => boolean) {
  let beats = 0;
  return () => {
    if (isDown(++beats)) throw new Error('no route to the receiver');
  };
}

describe('a heartbeat', () => {
  it('beats at the start and every five minutes, up to a tenth of that late', async () => {
    const stage = await Stage.of(heartbeat('pulse', () => {}));

    await stage.clock.advance(100 * minute);
    const late = stage.begun().map((at, nth) => at - nth * 5 * minute);

    expect(late).toHaveLength(20);
    expect(new Set(late).size).toBeGreaterThan(15);
    expect(late.every((ms) => ms >= 0 && ms <= minute / 2)).toBe(true);
    await stage.stop();
  });

  it('says when it was last well, and that it beats', async () => {
    const beat = receiver((nth) => nth > 2);
    const pulse = heartbeat('pulse', { interval: '1m', jitter: 0 }, beat);
    const stage = await Stage.of(pulse);
    const handle = stage.handle(pulse);
    const began = stage.clock.now();

    await stage.clock.advance(2.5 * minute);

    expect(handle).toMatchObject({
      status: 'waiting',
      last: { status: 'failed', run: 3 },
      lastCompleted: { status: 'completed', run: 2, startedAt: new Date(began + minute) },
      failuresInARow: 1,
    });
    await stage.stop();
    expect(handle.status).toBe('closed');
  });

  it('is degraded and goes on after a beat that failed, and well again after the next', async () => {
    const beat = receiver((nth) => nth === 2 || nth === 3);
    const stage = await Stage.of(heartbeat('pulse', { interval: '1m', jitter: 0 }, beat));

    await stage.clock.advance(4.5 * minute);

    expect(stage.begun()).toEqual([0, 1, 2, 3, 4].map((nth) => nth * minute));
    expect(stage.all('health').map(({ at, status, reason }) => [at, status, reason])).toEqual([
      [minute, 'degraded', 'a beat failed: no route to the receiver'],
      [3 * minute, 'healthy', undefined],
    ]);
    expect(stage.all('ended')).toEqual([]);
    await stage.stop();
  });

  it('fails after maxMissed in a row, and its supervisor does the rest', async () => {
    const pulse = heartbeat('pulse', { interval: '1m', jitter: 0 }, () => {
      throw new Error('no route to the receiver');
    });
    const guard = supervisor('guard', { intensity: 1, period: '1h', whenExhausted: 'give-up' }, [
      pulse,
    ]);
    const lab = await new Lab(supervisor('app', [guard])).start();

    await lab.clock.advance(10 * minute);

    expect(lab.all('ended').map(({ path, error }) => [path, error?.code])).toEqual([
      ['app/guard/pulse', 'DARUMA_SCHEDULE_FAILED'],
      ['app/guard/pulse', 'DARUMA_SCHEDULE_FAILED'],
    ]);
    expect(lab.all('schedule-run').filter(({ status }) => status === 'failed')).toHaveLength(6);
    expect(lab.system.ref('app/guard/pulse').status()).toBe('failed');
    await lab.stop();
  });

  it('takes one that hangs for missed when the next is due, and counts it', async () => {
    const pulse = heartbeat('pulse', { interval: '1m', jitter: 0 }, async (ctx) => {
      if (ctx.run === 1) await ctx.sleep('1d');
    });
    const stage = await Stage.of(pulse);

    await stage.clock.advance(2.5 * minute);

    expect(stage.runs('failed')).toMatchObject([{ run: 1, error: { code: 'DARUMA_RUN_TIMEOUT' } }]);
    expect(stage.all('health').map(({ status }) => status)).toEqual(['degraded', 'healthy']);
    expect(stage.handle(pulse).failuresInARow).toBe(0);
    await stage.stop();
  });

  it('that is stopped in the middle of a beat has missed none', async () => {
    const stage = await Stage.of(heartbeat('pulse', { jitter: 0 }, (ctx) => ctx.sleep('1m')));
    await stage.clock.advance(1_000);

    await stage.stop();

    expect(stage.all('health')).toEqual([]);
    expect(stage.runs('cancelled')).toHaveLength(1);
  });

  it('is refused with everything that is wrong with it', () => {
    const options = { interval: 0, jitter: 'soon', maxMissed: 0, failAfter: 3 };
    const wrong = () =>
      new Lab(supervisor('app', [heartbeat('pulse', options as object, () => {})]));

    expect(wrong).toThrow(DefinitionError);
    expect(wrong).toThrow(/interval is 0/);
    expect(wrong).toThrow(/jitter is 'soon'/);
    expect(wrong).toThrow(/maxMissed is 0/);
    expect(wrong).toThrow(/no option failAfter/);
  });

  it('keeps every invariant, whatever goes wrong', async () => {
    const pulse = heartbeat('pulse', { interval: '2s', stopWithin: '1s' }, async (ctx) => {
      await ctx.sleep('100ms');
      if (ctx.random() < 0.3) throw new Error('no route to the receiver');
    });
    const report = await checkTree(() => supervisor('app', [pulse]), { runs: 30, seed: 1 });

    expect(report.runs).toBe(30);
    expect(report.faults).toBeGreaterThan(15);
  });
});
