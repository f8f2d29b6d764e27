import { describe, expect, it } from 'vitest';
import { type Context, service, supervisor } from '../../../src/index.ts';
import { quietProcess } from '../../../src/services/metrics/process.ts';
import { idle, Lab, Puppet } from '../../kernel/lab.ts';

const metrics = { openTelemetry: false, process: quietProcess } as const;

/** A system of one service, and the metrics of its context. */
async function measured(name = 'feed') {
  const puppet = new Puppet();
  const lab = await new Lab(supervisor('app', [service(name, puppet.body)]), { metrics }).start();
  const seriesOf = (instrument: string) =>
    lab.system.metrics.snapshot().find((found) => found.name === instrument)?.series;
  return { lab, ctx: puppet.life.ctx as Context, seriesOf };
}

describe('metrics', () => {
  it('carries the path of whoever measures', async () => {
    const { ctx, seriesOf } = await measured();

    ctx.metrics.counter('rows_total').add();
    ctx.metrics.counter('rows_total').add(2);

    expect(seriesOf('rows_total')).toEqual([{ labels: { actor: 'app/feed' }, value: 3 }]);
  });

  it('keeps a series for each set of labels, whatever their order', async () => {
    const { ctx, seriesOf } = await measured();
    const rows = ctx.metrics.counter('rows_total');

    rows.add(1, { table: 'a', shard: 1 });
    rows.add(1, { shard: 1, table: 'a' });
    rows.add(1, { shard: 2, table: 'a' });

    expect(seriesOf('rows_total')?.map((series) => 'value' in series && series.value)).toEqual([
      2, 1,
    ]);
  });

  it('never takes two sets of labels for one, however they are written', async () => {
    const { ctx, seriesOf } = await measured();
    const rows = ctx.metrics.counter('rows_total');

    for (const round of [1, 2]) {
      rows.add(round, { a: '1', b: '2' });
      rows.add(round, { a: '11 1 b2' });
      rows.add(round, { a: '1b2' });
      rows.add(round, { a: 1, b: 2 });
    }

    expect(seriesOf('rows_total')?.map((series) => 'value' in series && series.value)).toEqual([
      6, 3, 3,
    ]);
  });

  it('sets and adds to gauges, and never lets a counter fall', async () => {
    const { ctx, seriesOf } = await measured();

    ctx.metrics.gauge('depth').set(5);
    ctx.metrics.gauge('depth').add(-2);
    ctx.metrics.counter('rows_total').add(4);
    ctx.metrics.counter('rows_total').add(-1);

    expect(seriesOf('depth')).toMatchObject([{ value: 3 }]);
    expect(seriesOf('rows_total')).toMatchObject([{ value: 4 }]);
  });

  it('leaves out what is no number: a measurement must not break what it measures', async () => {
    const { ctx, seriesOf } = await measured();

    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      ctx.metrics.gauge('depth').set(value);
      ctx.metrics.histogram('size').record(value);
    }

    expect(seriesOf('depth')).toMatchObject([{ value: 0 }]);
    expect(seriesOf('size')).toMatchObject([{ count: 0, min: null, mean: null, p99: null }]);
  });

  it('knows count, sum, least, greatest, mean and percentiles of a histogram', async () => {
    const { ctx, seriesOf } = await measured();
    const size = ctx.metrics.histogram('size', { bounds: [10, 20, 30, 40, 50, 60, 70, 80, 90] });

    for (let value = 1; value <= 100; value++) size.record(value);

    const [spread] = (seriesOf('size') ?? []) as unknown as { p99: number }[];
    expect(spread).toMatchObject({ count: 100, sum: 5_050, min: 1, max: 100, mean: 50.5 });
    expect(spread).toMatchObject({ p50: 50, p90: 90 });
    expect(spread?.p99).toBeCloseTo(99, 0);
  });

  it('times on the clock of the system, and a second stop changes nothing', async () => {
    const { lab, ctx, seriesOf } = await measured();

    const stop = ctx.metrics.timer('sync');
    await lab.clock.advance(1_500);
    const first = stop('failed');
    await lab.clock.advance(1_000);

    expect([first, stop()]).toEqual([1_500, 1_500]);
    expect(seriesOf('sync_seconds')).toMatchObject([
      { labels: { actor: 'app/feed', outcome: 'failed' }, count: 1, sum: 1.5 },
    ]);
  });

  it('times a call whatever becomes of it, and passes its outcome on', async () => {
    const { ctx, seriesOf } = await measured();
    const fails = () => {
      throw new Error('no');
    };

    expect(ctx.metrics.time('sync', () => 7)).toBe(7);
    expect(() => ctx.metrics.time('sync', fails)).toThrow('no');
    await expect(ctx.metrics.time('sync', async () => fails())).rejects.toThrow('no');

    expect(seriesOf('sync_seconds')).toMatchObject([
      { labels: { outcome: 'ok' }, count: 1 },
      { labels: { outcome: 'failed' }, count: 2 },
    ]);
  });

  it('has one series for what is above a thousand sets of labels', async () => {
    const { ctx, seriesOf } = await measured();
    const rows = ctx.metrics.counter('rows_total');

    for (let user = 0; user < 1_500; user++) rows.add(1, { user });

    expect(seriesOf('rows_total')).toHaveLength(1_001);
    expect(seriesOf('rows_total')?.at(-1)).toEqual({ labels: { overflow: 'true' }, value: 500 });
  });

  it.each(['1st', 'a b', '', 'naïve'])('refuses the name %j', async (name) => {
    const { ctx } = await measured();

    expect(() => ctx.metrics.counter(name)).toThrow(
      expect.objectContaining({ code: 'DARUMA_INVALID_METRIC' }),
    );
  });

  it('refuses one name for two kinds', async () => {
    const { ctx } = await measured();
    ctx.metrics.counter('rows');

    expect(() => ctx.metrics.gauge('rows')).toThrow('The metric rows is a counter');
  });

  it('counts what happens to every actor by itself', async () => {
    const lab = await new Lab(
      supervisor('app', [
        service('flaky', { backoff: { first: 10, jitter: 'none' } }, async (ctx) => {
          await ctx.sleep(100);
          if (ctx.incarnation < 3) throw new Error('no');
          await ctx.sleep('1d');
        }),
      ]),
      { metrics },
    ).start();
    await lab.clock.advance(1_000);

    const text = lab.system.metrics.text();

    expect(text).toContain('daruma_starts_total{actor="app/flaky"} 3');
    expect(text).toContain('daruma_restarts_total{actor="app/flaky"} 2');
    expect(text).toContain('daruma_ends_total{actor="app/flaky",reason="error"} 2');
    expect(text).toContain('daruma_up{actor="app/flaky"} 1');
  });

  it('puts the children of a population into one series', async () => {
    const pool = supervisor('pool', { strategy: 'dynamic', template: service('one', idle) });
    const lab = await new Lab(supervisor('app', [pool]), { metrics }).start();
    for (const id of ['a', 'b', 'c'])
      await lab.until(lab.system.ref('app/pool').startChild({ id }));

    const text = lab.system.metrics.text();

    expect(text).toContain('daruma_up{actor="app/pool/*"} 3');
    expect(text).not.toContain('app/pool/a');
  });
});

describe('metrics as text for Prometheus', () => {
  it('has types, help, cumulative buckets, and quotes what has to be', async () => {
    const { ctx, lab } = await measured();
    ctx.metrics.counter('rows_total', 'Rows\nread.').add(2, { table: 'a"b\\c' });
    const size = ctx.metrics.histogram('size', { bounds: [1, 10] });
    for (const value of [0.5, 5, 5, 50]) size.record(value);

    const text = lab.system.metrics.text();

    expect(text).toContain('# HELP rows_total Rows\\nread.\n# TYPE rows_total counter\n');
    expect(text).toContain('rows_total{actor="app/feed",table="a\\"b\\\\c"} 2\n');
    expect(text).toContain(
      [
        '# TYPE size histogram',
        'size_bucket{actor="app/feed",le="1"} 1',
        'size_bucket{actor="app/feed",le="10"} 3',
        'size_bucket{actor="app/feed",le="+Inf"} 4',
        'size_sum{actor="app/feed"} 60.5',
        'size_count{actor="app/feed"} 4',
      ].join('\n'),
    );
    expect(text.endsWith('\n')).toBe(true);
  });
});
