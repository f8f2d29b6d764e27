import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/services/engine/engine.ts';

const keepMs = 1_000;
let schedules = 0;

/** The ticks of one schedule of its own of an engine. */
export class TickDesk {
  readonly engine: Engine;
  readonly schedule = `app/schedule-${process.pid}-${++schedules}`;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  tick(dueAt: number, now = dueAt) {
    return { schedule: this.schedule, dueAt, now, keepMs };
  }

  async claim(dueAt: number, now = dueAt) {
    return (await this.engine.submit([['ticks.claim', this.tick(dueAt, now)]]))[0];
  }

  async last() {
    return (await this.engine.submit([['ticks.last', { schedule: this.schedule }]]))[0];
  }
}

/** What ticks are in every engine. */
export function tickContract(engineName: string, open: () => Promise<Engine> | Engine): void {
  describe(`the ticks of a schedule ${engineName}`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open();
    });
    afterAll(() => engine.close());

    const desk = () => new TickDesk(engine);

    it('are had by one caller each, in any order', async () => {
      const ticks = desk();

      expect(await ticks.claim(2_000)).toBe(true);
      expect(await ticks.claim(1_500, 2_000)).toBe(true);
      expect(await ticks.claim(2_000)).toBe(false);
      expect(await ticks.claim(1_500, 2_000)).toBe(false);
      expect(await ticks.claim(2_500)).toBe(true);
    });

    it('are had by one of those who ask at once', async () => {
      const ticks = desk();
      const answers = await Promise.all([1, 2, 3].map(() => ticks.claim(1_000)));

      expect(answers.filter((isMine) => isMine)).toHaveLength(1);
    });

    it('are apart from those of other schedules', async () => {
      await desk().claim(1_000);

      expect(await desk().claim(1_000)).toBe(true);
    });

    it('leave behind which was the last', async () => {
      const ticks = desk();

      expect(await ticks.last()).toBeNull();
      await ticks.claim(2_000);
      await ticks.claim(1_500, 2_000);
      expect(await ticks.last()).toBe(2_000);
      await ticks.claim(1_000_000);
      expect(await ticks.last()).toBe(1_000_000);
    });

    it('that are forgotten are nobody’s, those after the last are free however old', async () => {
      const ticks = desk();
      await ticks.claim(1_000);
      await ticks.claim(2_000);
      await ticks.claim(5_000);

      expect(await ticks.claim(1_000, 5_000)).toBe(false);
      expect(await ticks.claim(3_000, 5_000)).toBe(false);
      expect(await ticks.claim(4_500, 5_000)).toBe(true);
      // After a night of which nobody saw anything, made up for in order.
      expect(await ticks.claim(6_000, 90_000)).toBe(true);
      expect(await ticks.claim(7_000, 90_000)).toBe(true);
      expect(await ticks.claim(6_000, 90_000)).toBe(false);
      expect(await ticks.claim(7_000, 90_000)).toBe(false);
    });

    it('count as a whole with what is done for them', async () => {
      const ticks = desk();
      const place = { owner: ticks.schedule, store: '', now: 0 };
      const entry = (value: string) => ({ ...place, key: 'k', value, expiresAt: null });
      await engine.submit([
        ['ticks.take', ticks.tick(1_000)],
        ['entries.set', entry('1')],
      ]);
      const again = engine.submit([
        ['entries.set', entry('2')],
        ['ticks.take', ticks.tick(1_000)],
      ]);

      await expect(again).rejects.toMatchObject({ failure: { code: 'DARUMA_TICK_TAKEN' } });
      expect(await engine.submit([['entries.get', { ...place, key: 'k' }]])).toEqual(['1']);
    });
  });
}
