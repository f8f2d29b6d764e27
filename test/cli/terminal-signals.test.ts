import { describe, expect, it } from 'vitest';
import { oncePerPress } from '../../src/cli/terminal-signals.ts';
import { FakeSignals } from '../../src/testing/fake-signals.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

describe('signals of a terminal under npm', () => {
  it('count the two halves of one Ctrl-C as one, and two presses as two', async () => {
    const clock = new VirtualClock();
    const source = new FakeSignals();
    const heard: number[] = [];
    const forget = oncePerPress(source, clock).on('SIGINT', () => heard.push(clock.monotonic()));

    source.raise('SIGINT');
    await clock.advance(5);
    source.raise('SIGINT');
    await clock.advance(1_000);
    source.raise('SIGINT');
    forget();
    await clock.advance(1_000);
    source.raise('SIGINT');

    expect(heard).toEqual([0, 1_005]);
  });

  it('leave SIGTERM alone', () => {
    const source = new FakeSignals();
    let heard = 0;
    oncePerPress(source, new VirtualClock()).on('SIGTERM', () => heard++);

    source.raise('SIGTERM');
    source.raise('SIGTERM');

    expect(heard).toBe(2);
  });
});
