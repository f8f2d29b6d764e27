import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { fromEvery, pipeline, service, supervisor } from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';
import { Faucet, Gate, started } from './mill.ts';

/** Takes a second for each item, and a second for each result. */
function slow(seen: string[], options: object = {}) {
  const faucet = new Faucet<number>();
  const definition = pipeline('p', options)
    .producer('tap', faucet)
    .always('handle', async (n, ctx) => {
      await ctx.sleep('1s');
      return n;
    })
    .consumer('store', async (n, ctx) => {
      await ctx.sleep('1s');
      seen.push(`stored ${n}`);
    });
  return { faucet, definition };
}

describe('the stop of a system', () => {
  it('takes nothing more in, and ends when everything is through', async () => {
    const seen: string[] = [];
    const { faucet, definition } = slow(seen);
    const lab = await started(definition);
    faucet.put(1, 2, 3);
    await lab.clock.settle();
    const before = lab.clock.monotonic();
    await lab.stop();

    expect(seen).toEqual(['stored 1', 'stored 2', 'stored 3']);
    expect(lab.clock.monotonic() - before).toBe(4_000);
    expect(lab.all('item')).toEqual([]);
    expect(lab.all('drained').map(({ path }) => path)).toEqual(['app/p/producers/tap']);
  });

  it('stops producers, then handlers, then consumers', async () => {
    const { definition } = slow([]);
    const lab = await started(definition);
    await lab.stop();

    expect(lab.all('ended').map(({ path }) => path)).toEqual([
      'app/p/producers/tap',
      'app/p/producers',
      'app/p/handlers/handle',
      'app/p/handlers',
      'app/p/consumers/store',
      'app/p/consumers',
      'app/p/router',
      'app/p',
      'app',
    ]);
  });

  it('says what was lost where it takes too long', async () => {
    const lab = await started(
      pipeline('p')
        .producer('list', [1, 2, 3])
        .always('endless', (_n, ctx) => ctx.sleep('1h')),
    );
    const report = await lab.stop();

    expect(lab.all('item')).toMatchObject([{ path: 'app/p/router', status: 'lost', count: 3 }]);
    expect(report.unstopped).toEqual([]);
    expect(lab.clock.monotonic()).toBeLessThan(24_000);
  });

  it('does not wait for an observable that goes on, but for what it has given', async () => {
    const subject = new Subject<number>();
    const seen: number[] = [];
    const lab = await started(
      pipeline('p', { maxInFlight: 1 })
        .producer('events', subject)
        .always('slow', async (n, ctx) => {
          await ctx.sleep('1s');
          seen.push(n);
        }),
    );
    for (const n of [1, 2, 3]) subject.next(n);
    const stopped = lab.stop();
    await lab.clock.settle();
    expect(subject.observed).toBe(false);
    await stopped;

    expect(seen).toEqual([1, 2, 3]);
  });

  it('ends with a schedule whose run waits for room', async () => {
    const lab = await started(
      pipeline('p', { maxInFlight: 1 })
        .producer(
          'ticks',
          fromEvery('1m', ({ run }) => run),
        )
        .always('endless', (_n, ctx) => ctx.sleep('1h')),
    );
    await lab.clock.advance(180_000);
    const report = await lab.stop();

    expect(report.unstopped).toEqual([]);
  });
});

describe('the stop of a pipeline alone', () => {
  it('lets everything go through that is on its way', async () => {
    const seen: string[] = [];
    const { faucet, definition } = slow(seen);
    const lab = await started(definition);
    faucet.put(1, 2);
    await lab.clock.settle();
    await lab.until(lab.system.ref('app/p').stop());

    expect(seen).toEqual(['stored 1', 'stored 2']);
    expect(faucet.returned).toBe(1);
    expect(lab.all('item')).toEqual([]);
  });

  it('cuts off what takes longer than half of the time, and loses nothing without a word', async () => {
    const gate = new Gate();
    const lab = await started(
      pipeline('p')
        .producer('list', [1])
        .always('handle', (_n, ctx) => ctx.sleep('1h'))
        .consumer('store', gate.pass),
    );
    const before = lab.clock.monotonic();
    await lab.until(lab.system.ref('app/p').stop());

    expect(lab.clock.monotonic() - before).toBe(5_000);
    expect(lab.all('unstopped')).toEqual([]);
    expect(lab.all('item')).toMatchObject([{ status: 'lost', count: 1 }]);
  });

  it('begins anew with an empty pipeline when it is started again', async () => {
    const faucets: Faucet<number>[] = [];
    const seen: number[] = [];
    const lab = await started(
      pipeline('p')
        .producer('tap', () => {
          faucets.push(new Faucet());
          return faucets.at(-1) as Faucet<number>;
        })
        .always('handle', async (n, ctx) => {
          await ctx.sleep('1h');
          seen.push(n);
        }),
    );
    faucets[0]?.put(1);
    await lab.clock.settle();
    await lab.until(lab.system.ref('app/p').restart());
    expect(lab.system.find('app/p/router')?.value()).toMatchObject({ inFlight: 0 });

    faucets[1]?.put(2);
    await lab.clock.advance(3_600_000);
    expect(seen).toEqual([2]);
    expect(lab.all('item')).toMatchObject([{ status: 'lost', count: 1 }]);
  });
});

describe('the stop of one part', () => {
  it('lets a handler end what it has in hand; what waits is handled when it is back', async () => {
    const faucet = new Faucet<number>();
    const seen: string[] = [];
    const lab = await started(
      pipeline('p')
        .producer('tap', faucet)
        .always('slow', { concurrency: 1 }, async (n, ctx) => {
          await ctx.sleep('1s');
          seen.push(`${n} by ${ctx.incarnation}`);
        }),
    );
    faucet.put(1, 2);
    await lab.clock.settle();
    await lab.until(lab.system.ref('app/p/handlers/slow').restart());
    await lab.clock.advance(5_000);

    expect(seen).toEqual(['1 by 1', '2 by 2']);
  });

  it('leaves everything in place where the router is restarted', async () => {
    const seen: string[] = [];
    const calls: string[] = [];
    const { faucet, definition } = slow(seen, { onShutdown: () => void calls.push('shutdown') });
    const lab = await started(definition);
    faucet.put(1, 2);
    await lab.clock.settle();
    await lab.until(lab.system.ref('app/p/router').restart());
    await lab.until(lab.system.ref('app/p/shutdown').restart());
    await lab.clock.advance(5_000);

    expect(seen).toEqual(['stored 1', 'stored 2']);
    expect(calls).toEqual([]);
  });

  it('suspends a handler whose need is down, and nobody else', async () => {
    const faucet = new Faucet<string>();
    const seen: string[] = [];
    const database = service('database', { start: () => 'open' });
    const lab = new Lab(
      supervisor('app', [
        database,
        pipeline('p')
          .producer('tap', faucet)
          .router((word) => word.slice(0, 1))
          .on('d', { needs: { database } }, (word, ctx) => {
            seen.push(`${word} ${ctx.needs.database}`);
          })
          .on('x', (word) => void seen.push(word)),
      ]),
    );
    await lab.start();
    await lab.until(lab.system.ref('app/database').stop());
    faucet.put('d1', 'x1', 'd2', 'x2');
    await lab.clock.settle();
    expect(seen).toEqual(['x1', 'x2']);

    await lab.until(lab.system.ref('app/database').start());
    await lab.clock.settle();
    expect(seen).toEqual(['x1', 'x2', 'd1 open', 'd2 open']);
  });
});
