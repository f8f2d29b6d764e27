import { afterEach, describe, expect, it } from 'vitest';
import { CancelledError, type Context, service, supervisor } from '../../../src/index.ts';
import { inSpan } from '../../../src/services/tracing/traced.ts';
import { Tracer } from '../../../src/services/tracing/tracer.ts';
import { Lab } from '../../kernel/lab.ts';
import { Spans } from './spans.ts';

afterEach(() => Spans.unregister());

/** The context of a service that is up. */
async function contextOf(): Promise<{ ctx: Context; lab: Lab<ReturnType<typeof supervisor>> }> {
  const { promise, resolve } = Promise.withResolvers<Context>();
  const feed = service('feed', async (ctx) => {
    resolve(ctx);
    await ctx.sleep('1h');
  });
  const options = { tracing: { lifecycle: false } };
  const lab = await new Lab(supervisor('app', [feed]), options).start();
  return { ctx: await promise, lab };
}

describe('ctx.span', () => {
  it('is around a call until its promise has settled', async () => {
    const spans = new Spans().register();
    const { ctx, lab } = await contextOf();
    const answer = ctx.span('charge', { 'order.id': 7 }, async (span) => {
      spans.make('before', () => {});
      await ctx.sleep(250);
      span.setAttribute('order.items', 3);
      span.addEvent('paid');
      return ctx.span('book', () => 'booked');
    });

    expect(spans.open).toEqual(['charge']);
    expect(await lab.until(answer)).toBe('booked');
    expect(spans.open).toEqual([]);
    expect(spans.lines).toEqual(['charge', 'charge > before', 'charge > book']);
    const { attributes, notes, startTime, endTime } = spans.one('charge');
    expect(attributes).toEqual({
      'order.id': 7,
      'order.items': 3,
      'daruma.path': 'app/feed',
      'daruma.incarnation': 1,
      'daruma.outcome': 'completed',
    });
    expect(notes.map(({ name }) => name)).toEqual(['paid']);
    expect(Number(endTime) - Number(startTime)).toBe(250);
    await lab.stop();
  });

  it('records what is thrown, now or later, and throws it on', async () => {
    const spans = new Spans().register();
    const { ctx, lab } = await contextOf();
    const error = new TypeError('no money');
    const throws = () => {
      throw error;
    };

    expect(() => ctx.span('now', throws)).toThrow(error);
    await expect(ctx.span('later', async () => throws())).rejects.toBe(error);

    for (const span of spans.all) {
      expect([span.outcome, span.errors, span.status?.code]).toEqual(['failed', ['no money'], 2]);
      expect(span.attributes['error.type']).toBe('TypeError');
    }
    expect(spans.open).toEqual([]);
    await lab.stop();
  });

  it('takes whoever ends because it was asked to for no failure', async () => {
    const spans = new Spans().register();
    const { ctx, lab } = await contextOf();
    const sleeping = ctx.span('sleep', () => ctx.sleep('1h'));
    sleeping.catch(() => {});
    await lab.stop();

    await expect(sleeping).rejects.toThrow(CancelledError);
    const { outcome, status, errors } = spans.one('sleep');
    expect([outcome, status, errors]).toEqual(['cancelled', undefined, []]);
  });

  it('asks a query that runs when it is awaited to run once, inside', async () => {
    const spans = new Spans().register();
    const { ctx, lab } = await contextOf();
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: this is what query builders are.
      then(resolve: (rows: number) => void) {
        resolve(spans.make('select', () => 3));
      },
    };

    expect(await ctx.span('rows', () => query)).toBe(3);
    expect(spans.lines).toEqual(['rows', 'rows > select']);
    await lab.stop();
  });

  it('only calls where nobody has registered an SDK', async () => {
    const { ctx, lab } = await contextOf();
    const query = { rows: 3 };

    const found = ctx.span('rows', (span) => {
      span.setAttribute('table', 'orders');
      span.setAttributes({ limit: 10 });
      span.addEvent('asked');
      return query;
    });

    expect(found).toBe(query);
    await lab.stop();
  });

  it('makes spans as soon as an SDK is registered', async () => {
    const { ctx, lab } = await contextOf();
    ctx.span('before', () => {});
    const spans = new Spans().register();
    ctx.span('after', () => {});

    expect(spans.lines).toEqual(['after']);
    await lab.stop();
  });

  it('is there for code outside the tree', async () => {
    const spans = new Spans().register();
    const { lab } = await contextOf();
    lab.system.span('import', () => spans.make('read', () => {}));

    expect(spans.lines).toEqual(['import', 'import > read']);
    expect(spans.one('import').attributes).toMatchObject({ 'daruma.path': 'app' });
    await lab.stop();
  });
});

describe('the API of OpenTelemetry', () => {
  it('is looked for once, and missing from then on', async () => {
    const { lab } = await contextOf();
    let looks = 0;
    const tracer = new Tracer(lab.clock, () => {
      looks++;
      return undefined;
    });

    const answers = [1, 2].map((answer) =>
      inSpan(tracer, { name: 'charge', attributes: {} }, () => answer),
    );

    expect([answers, looks, tracer.here]).toEqual([[1, 2], 1, undefined]);
    await lab.stop();
  });
});
