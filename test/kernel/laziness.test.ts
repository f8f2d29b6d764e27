import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { Lab } from './lab.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Counts what is made of a class of the platform. */
function counted(): { made: number } {
  const count = { made: 0 };
  vi.stubGlobal(
    'AbortController',
    class extends AbortController {
      constructor() {
        super();
        count.made++;
      }
    },
  );
  return count;
}

describe('what a child does not touch is not made', () => {
  it('its signal', async () => {
    const count = counted();
    const resident = service('resident', { start: () => 1 });
    const sleeper = service('sleeper', (ctx) => ctx.sleep('1h'));
    const lab = await new Lab(supervisor('app', [resident, sleeper])).start();

    await lab.stop();

    expect(count.made).toBe(0);
  });

  it('its signal, until it does', async () => {
    const count = counted();
    const listening = service('listening', (ctx) => {
      const { signal } = ctx;
      return new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
        ctx.signal.addEventListener('abort', () => {});
      });
    });
    const lab = await new Lab(supervisor('app', [listening])).start();

    await lab.stop();

    expect(count.made).toBe(1);
  });

  it('its logger', async () => {
    const logger = pino({ level: 'silent' });
    const child = vi.spyOn(logger, 'child');
    const quiet = service('quiet', { start: () => 1 });
    const loud = service('loud', {
      start: (ctx) => {
        ctx.log.info('one');
        ctx.log.info('two');
      },
    });
    const lab = await new Lab(supervisor('app', [quiet, loud]), { logger }).start();

    await lab.stop();

    expect(child.mock.calls.map(([bindings]) => bindings)).toEqual([
      { actor: 'app/loud', incarnation: 1 },
    ]);
  });
});
