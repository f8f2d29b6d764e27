import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { at, cron, every, ignore, service, supervisor } from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';
import { Stage } from './stage.ts';

const config = v.object({ interval: v.string(), url: v.string() });

describe('a schedule that its configuration drives', () => {
  it('has the period that a function of the context gives it', async () => {
    const urls: string[] = [];
    const poll = every(
      'poll',
      (ctx) => ctx.config.interval as '1s',
      { config },
      (ctx) => {
        urls.push(ctx.config.url);
      },
    );
    const lab = new Lab(supervisor('app', [poll]), {
      config: { 'app/poll': { interval: '20s', url: 'http://a' } },
    });
    await lab.start();

    await lab.clock.advance(60_000);

    expect(urls).toEqual(['http://a', 'http://a', 'http://a']);
    await lab.stop();
  });

  it.each([
    [
      'a period',
      every(
        'job',
        () => 'often' as '1s',
        () => {},
      ),
      /its period is 'often'/,
    ],
    [
      'an expression',
      cron(
        'job',
        () => '0 0 31 4 *',
        () => {},
      ),
      /this schedule never fires/,
    ],
    [
      'a date',
      at(
        'job',
        () => 'soon',
        () => {},
      ),
      /its date is 'soon'/,
    ],
  ])('fails its start when that is not %s', async (_what, job, message) => {
    const stage = new Stage([job]);

    const error = await stage.errorOf(stage.begin());

    expect(error).toMatchObject({ code: 'DARUMA_START_FAILED', path: 'app/job' });
    expect((error as Error).cause).toMatchObject({
      code: 'DARUMA_INVALID_SCHEDULE',
      message: expect.stringMatching(message),
    });
  });

  it('is not there when its configuration says that it is not wanted', async () => {
    const wanted = v.object({ backup: v.boolean(), hour: v.number() });
    const time = (isWanted: boolean, hour: number) => (isWanted ? `0 ${hour} * * *` : ignore);
    const jobs = (name: string) =>
      cron(
        name,
        (ctx) => time(ctx.config.backup, ctx.config.hour),
        { config: wanted },
        () => {},
      );
    const lab = new Lab(supervisor('app', [jobs('on'), jobs('off')]), {
      config: { 'app/on': { backup: true, hour: 2 }, 'app/off': { backup: false, hour: 2 } },
    });
    await lab.start();

    await lab.clock.advance(86_400_000);

    expect(lab.all('ignored').map(({ path }) => path)).toEqual(['app/off']);
    expect(new Set(lab.all('schedule-run').map(({ path }) => path))).toEqual(new Set(['app/on']));
    await lab.stop();
  });

  it('asks again at every start, and may ask what it needs', async () => {
    let period = 10_000;
    const settings = service('settings', { start: () => ({ period }) });
    const poll = every(
      'poll',
      (ctx) => ctx.needs.settings.period,
      { needs: { settings } },
      () => {},
    );
    const stage = await Stage.of(settings, poll);
    await stage.clock.advance(10_000);

    period = 3_000;
    await stage.until(stage.system.ref('app/settings').restart());
    await stage.clock.advance(6_000);

    expect(stage.begun()).toEqual([10_000, 13_000, 16_000]);
    await stage.stop();
  });
});
