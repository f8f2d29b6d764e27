import { describe, expect, it } from 'vitest';
import { at, service } from '../../../src/index.ts';
import { Job, Stage } from './stage.ts';

const hourMs = 3_600_000;
const noon = '2026-01-01T12:00:00Z';

describe('at', () => {
  it('runs once, at its date, and ends normally', async () => {
    const stage = await Stage.of(at('switch', noon, (ctx) => ctx.sleep('5s')));

    await stage.clock.advance(12 * hourMs + 4_000);
    expect(stage.dues()).toEqual(['2026-01-01T12:00']);
    expect(stage.system.ref('app/switch').status()).toBe('running');
    await stage.clock.advance(1_000);

    expect(stage.system.ref('app/switch').status()).toBe('stopped');
    expect(stage.all('ended')).toMatchObject([{ reason: 'normal' }]);
    await stage.clock.advance(400 * 24 * hourMs);
    expect(stage.begun()).toHaveLength(1);
    expect(stage.clock.pendingTimers).toBe(0);
  });

  it.each([
    ['a Date', new Date(noon)],
    ['milliseconds', Date.parse(noon)],
    ['text with an offset', '2026-01-01T13:00+01:00'],
    ['a function', () => new Date(noon)],
  ])('takes %s', async (_form, date) => {
    const stage = await Stage.of(at('switch', date, () => {}));

    await stage.clock.advance(12 * hourMs);

    expect(stage.dues()).toEqual(['2026-01-01T12:00']);
    await stage.stop();
  });

  it('waits longer than a timer of Node can', async () => {
    const stage = await Stage.of(at('far', '2027-06-01T00:00:00Z', () => {}));

    await stage.clock.advance(Date.parse('2027-06-01T00:00:00Z') - stage.clock.now() - 1);
    expect(stage.begun()).toEqual([]);
    await stage.clock.advance(1);

    expect(stage.begun()).toHaveLength(1);
    await stage.stop();
  });

  it('skips a date that had passed before the start, and ends', async () => {
    const stage = await Stage.of(at('old', '2025-12-31T23:59:59Z', () => {}));
    await stage.clock.settle();

    expect(stage.begun()).toEqual([]);
    expect(stage.skips()).toEqual(['past 1']);
    expect(stage.system.ref('app/old').status()).toBe('stopped');
    await stage.stop();
  });

  it("runs it at once with ifPast: 'run'", async () => {
    const stage = await Stage.of(at('old', '2025-06-01T00:00Z', { ifPast: 'run' }, () => {}));
    await stage.clock.settle();

    expect(stage.begun()).toEqual([0]);
    expect(stage.system.ref('app/old').status()).toBe('stopped');
    await stage.stop();
  });

  it('runs as soon as it can when its date was slept over, or drops it', async () => {
    const stage = await Stage.of(
      at('once', noon, () => {}),
      at('drop', noon, { missed: 'drop' }, () => {}),
    );

    stage.clock.jump(20 * hourMs);
    await stage.clock.advance(60_000);

    expect(stage.begun('app/once')).toEqual([60_000]);
    expect(stage.begun('app/drop')).toEqual([]);
    expect(stage.skips('app/drop')).toEqual(['missed 1']);
    await stage.stop();
  });

  it('runs late when its date came while a need was down', async () => {
    const database = service('database', { start: () => {} });
    const stage = await Stage.of(
      database,
      at('switch', noon, { needs: { database } }, () => {}),
    );
    await stage.clock.advance(11 * hourMs);

    await stage.until(stage.system.ref('app/database').stop());
    await stage.clock.advance(2 * hourMs);
    await stage.until(stage.system.ref('app/database').start());
    await stage.clock.settle();

    expect(stage.begun()).toEqual([13 * hourMs]);
    await stage.stop();
  });

  it('runs once, although its clock is set back behind the date while it runs', async () => {
    const job = new Job();
    const stage = await Stage.of(at('switch', noon, job.work));
    await stage.clock.advance(12 * hourMs);

    stage.clock.jump(-8 * hourMs);
    await stage.clock.advance(10 * hourMs);
    job.call.finish();
    await stage.clock.settle();

    expect(stage.begun()).toHaveLength(1);
    expect(stage.system.ref('app/switch').status()).toBe('stopped');
    await stage.stop();
  });

  it('ends normally although its run failed, unless failAfter says otherwise', async () => {
    const failing = () => Promise.reject(new Error('no'));
    const stage = await Stage.of(
      at('reported', noon, failing),
      at('fatal', noon, { failAfter: 1, restart: 'temporary' }, failing),
    );

    await stage.clock.advance(12 * hourMs);

    expect(
      stage.all('ended').map(({ path, reason, error }) => [path, reason, error?.code]),
    ).toEqual([
      ['app/reported', 'normal', undefined],
      ['app/fatal', 'error', 'DARUMA_SCHEDULE_FAILED'],
    ]);
    await stage.stop();
  });

  it('can be all that a system has: it is over then', async () => {
    const stage = new Stage([at('switch', noon, () => {})]);
    const exit = stage.system.run();
    await stage.clock.advance(12 * hourMs);

    expect(await stage.until(exit)).toBe(0);
    process.exitCode = undefined;
  });

  it('cannot be permanent', () => {
    const options = { restart: 'permanent' } as never;

    expect(() => new Stage([at('switch', noon, options, () => {})])).toThrow(
      /restart is 'permanent'; a one-shot ends when it has run/,
    );
  });
});
