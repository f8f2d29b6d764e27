import { describe, expect, it } from 'vitest';
import { service, supervisor, topic } from '../../src/index.ts';
import {
  allFaults,
  busInvariants,
  checkTrace,
  checkTree,
  emptyPlan,
  type Fault,
  failuresStayWithTheirSubscriber,
  handledInOrder,
  nothingHandledAfterTheEnd,
  runPlan,
  type Trace,
} from '../../src/testing/index.ts';
import { messagesOf } from './trace-of.ts';

const priced = topic<number>('item.priced', { keep: 'last' });
const sold = topic<{ item: number }>('item.sold');
const stockOf = topic<{ item: number }, number>('stock.of');

/** A market: prices go out every second, sales come back, and stock is asked for. */
function makeTree() {
  const ticker = service('ticker', async (ctx) => {
    for (let price = 1; ; price++) {
      ctx.bus.emit(priced, price);
      await ctx.sleep('1s');
    }
  });
  const seller = service('seller', {
    start: (ctx) => {
      ctx.bus.on(
        priced,
        async (price) => {
          await ctx.sleep('300ms');
          ctx.bus.emit(sold, { item: price });
        },
        { replay: 'last', buffer: 5 },
      );
      ctx.bus.reply(stockOf, ({ item }) => item);
    },
  });
  const clerk = service('clerk', async (ctx) => {
    ctx.bus.on(sold, () => ctx.sleep('2s'), {
      orderBy: ({ item }) => item % 3,
      maxAttempts: 2,
      onError: 'report',
    });
    for await (const { payload } of ctx.bus.events(sold)) {
      await ctx.bus.request(stockOf, payload, { timeout: '500ms' }).catch(() => {});
      ctx.notify('Sold', `${payload.item}`, { key: 'sold' });
    }
  });
  const auditor = service('auditor', async (ctx) => {
    ctx.bus.on('item.*', () => {}, { critical: true, priority: 1 });
    await ctx.sleep('1d');
  });
  return supervisor('app', [ticker, seller, clerk, auditor]);
}

async function runWith(...faults: Fault[]): Promise<Trace> {
  const plan = { ...emptyPlan, horizonMs: 20_000, faults };
  const { trace, simulation } = await runPlan(makeTree, plan);
  expect(simulation.report, 'it comes down in the end').toBeDefined();
  expect(trace.header.deterministic).toBe(true);
  expect(checkTrace(simulation.tree, trace, busInvariants)).toEqual([]);
  return trace;
}

const seller = 'app/seller';
const strike = (kind: string, params: Fault['params'] = {}): Fault => ({
  kind,
  trigger: { at: 3_500 },
  target: seller,
  params,
});

/** What became of the prices in the first twenty seconds. */
function notes(trace: Trace, did: string, path = seller) {
  return trace.events.flatMap((event) => {
    if (event.type !== 'bus' || event.topic !== 'item.priced' || event.at > 20_000) return [];
    return event.did === did && event.path === path ? [event] : [];
  });
}

describe('the bus in a simulation', () => {
  it('goes on record, in the same way each time', async () => {
    const [one, two] = [await runWith(), await runWith()];

    expect(notes(one, 'emitted', 'app/ticker')).toHaveLength(21);
    expect(notes(one, 'handled').length).toBeGreaterThan(15);
    expect(two.digest).toBe(one.digest);
  });

  it('lets nothing be found under faults of every kind, its own included', async () => {
    const names = allFaults()
      .filter(({ group }) => group === 'bus')
      .map(({ name }) => name);
    const weights = Object.fromEntries(names.map((name) => [name, 20]));
    const report = await checkTree(makeTree, { runs: 80, seed: 11, faults: { weights } });

    expect(names).toEqual(['handlerThrows', 'handlerHangs', 'handlerSlow', 'mailboxFull']);
    expect(report.faults).toBeGreaterThan(80);
  });
});

describe('faults of the bus', () => {
  const ended = (trace: Trace) =>
    trace.events.filter((event) => event.type === 'ended' && event.error).map(({ path }) => path);

  it('handlerThrows: the subscriber fails, and nobody else', async () => {
    const trace = await runWith(strike('handlerThrows', { count: 1 }));

    expect(ended(trace)).toEqual([seller]);
    expect(notes(trace, 'emitted', 'app/ticker')).toHaveLength(21);
  });

  it('handlerHangs: the subscriber is stuck, the emitter is not', async () => {
    const trace = await runWith(strike('handlerHangs', { count: 1 }));

    expect(notes(trace, 'begun')).toHaveLength(5);
    expect(notes(trace, 'emitted', 'app/ticker')).toHaveLength(21);
    expect(trace.of(seller).some(({ type }) => type === 'events-dropped')).toBe(true);
  });

  it('handlerSlow: events wait, and are handled in order', async () => {
    const trace = await runWith(strike('handlerSlow', { ms: 5_000, delay: 2_000 }));

    expect(notes(trace, 'handled').filter(({ at }) => at < 8_000)).toHaveLength(5);
    expect(ended(trace)).toEqual([]);
  });

  it('mailboxFull: events are dropped, with a word about it', async () => {
    const trace = await runWith(strike('mailboxFull', { count: 3 }));

    expect(trace.of(seller).filter(({ type }) => type === 'events-dropped')).not.toEqual([]);
    expect(notes(trace, 'handled').map(({ event }) => event).length).toBeLessThan(18);
  });
});

describe('invariants of the bus', () => {
  const tree = supervisor('app', [service('a', () => {}), service('b', () => {})]);
  const line = (did: string, event: number, place = 'app/a#1', rest: object = {}) =>
    `bus ${place} ${JSON.stringify({
      did,
      topic: 'x',
      event,
      subscription: 1,
      key: null,
      attempt: 1,
      error: null,
      ...rest,
    })}`;

  it.each([
    'stop-requested app/a#1',
    'aborted app/a#1',
    'ended app/a#1 {"reason":"error"}',
    'unstopped app/a#1',
  ])('nothingHandledAfterTheEnd: catches a handler that begins after %s', (end) => {
    const good = ['starting app/a#1', line('begun', 1), end, line('handled', 1)];
    const bad = [...good, line('begun', 2)];
    const next = [...good, 'starting app/a#2', line('begun', 2, 'app/a#2')];

    expect(messagesOf(nothingHandledAfterTheEnd, tree, good.join('\n'))).toEqual([]);
    expect(messagesOf(nothingHandledAfterTheEnd, tree, next.join('\n'))).toEqual([]);
    expect(messagesOf(nothingHandledAfterTheEnd, tree, bad.join('\n'))).toEqual([
      expect.stringMatching(/app\/a#1 begins to handle x \(event 2\)/),
    ]);
  });

  it('handledInOrder: catches an event that is overtaken, in one topic, key and subscription', () => {
    const bad = [line('begun', 2), line('begun', 1)];
    const twice = [line('begun', 1), line('begun', 1)];
    const fine = [
      line('begun', 2),
      line('begun', 1, 'app/a#2'),
      line('begun', 1, 'app/b#1'),
      line('begun', 1, 'app/a#1', { subscription: 2 }),
      line('begun', 1, 'app/a#1', { topic: 'y' }),
      line('begun', 1, 'app/a#1', { key: 1 }),
      line('begun', 1, 'app/a#1', { attempt: 2 }),
      line('begun', 3),
    ];

    expect(messagesOf(handledInOrder, tree, bad.join('\n'))).toHaveLength(1);
    expect(messagesOf(handledInOrder, tree, twice.join('\n'))).toHaveLength(1);
    expect(messagesOf(handledInOrder, tree, fine.join('\n'))).toEqual([]);
  });

  it('failuresStayWithTheirSubscriber: catches one that fails somebody else', () => {
    const message = 'injected: a handler of app/a throws';
    const failed = line('failed', 1, 'app/a#1', { error: message });
    const ended = (path: string) =>
      `ended ${path}#1 ${JSON.stringify({ reason: 'error', error: { name: 'Error', message } })}`;

    const judge = (...lines: string[]) =>
      messagesOf(failuresStayWithTheirSubscriber, tree, lines.join('\n'));

    expect(judge(failed, ended('app/a'))).toEqual([]);
    expect(judge(failed, ended('app/b'))).toEqual([
      expect.stringMatching(/app\/b fails .* of what a handler of app\/a threw/),
    ]);
  });
});
