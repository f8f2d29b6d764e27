import { describe, expect, it } from 'vitest';
import { pipeline, policy, service, supervisor } from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';
import { Faucet, started } from './mill.ts';

describe('a handler that fails', () => {
  it('has that item fail, and neither itself nor anybody else', async () => {
    const results: number[] = [];
    const lab = await started(
      pipeline('p')
        .producer('list', [1, 2, 3])
        .always('picky', (n) => {
          if (n === 2) throw new Error('not two');
          return n;
        })
        .consumer('all', (n) => void results.push(n)),
    );

    expect(results).toEqual([1, 3]);
    expect(lab.all('item')).toMatchObject([
      {
        path: 'app/p/handlers/picky',
        status: 'failed',
        attempt: 1,
        retryMs: null,
        error: { message: 'not two' },
      },
    ]);
    expect(lab.all('backoff')).toEqual([]);
    expect(lab.system.metrics.text()).toContain(
      'daruma_items_total{actor="app/p/router",status="failed"} 1',
    );
  });

  it('is called again as often as retry says, after a delay each', async () => {
    const tries: [number, number][] = [];
    const lab = await started(
      pipeline('p')
        .producer('list', ['x'])
        .always(
          'flaky',
          { retry: { maxAttempts: 3, backoff: { first: '1s', jitter: 'none' } } },
          (_item, ctx) => {
            tries.push([ctx.attempt, ctx.now() - ctx.item.at]);
            if (ctx.attempt < 3) throw new Error('busy');
          },
        ),
    );
    await lab.clock.advance(10_000);

    expect(tries).toEqual([
      [1, 0],
      [2, 1_000],
      [3, 3_000],
    ]);
    expect(lab.all('item').map(({ retryMs }) => retryMs)).toEqual([1_000, 2_000]);
  });

  it('hands what it gives up to onError, with everything to keep it somewhere', async () => {
    const kept: unknown[] = [];
    const lab = await started(
      pipeline('p')
        .producer('list', [7])
        .always(
          'broken',
          {
            onError: async (error, ctx) => {
              await ctx.storage.set('dead', { payload: ctx.item.payload, error: String(error) });
              kept.push(await ctx.storage.get('dead'));
            },
          },
          () => {
            throw new Error('broken');
          },
        ),
      { storage: 'memory' },
    );
    await lab.clock.advance(100);

    expect(kept).toEqual([{ payload: 7, error: 'Error: broken' }]);
    expect(lab.all('item')).toHaveLength(1);
  });

  it('fails itself where onError says so, is restarted, and gives the item up after its attempts', async () => {
    const tries: string[] = [];
    const lab = await started(
      pipeline('p')
        .producer('list', ['bad', 'good'])
        .always(
          'strict',
          { onError: 'fail', retry: { maxAttempts: 2 }, concurrency: 1 },
          (word, ctx) => {
            tries.push(`${word} ${ctx.incarnation}.${ctx.attempt}`);
            if (word === 'bad') throw new Error('bad');
          },
        ),
    );
    await lab.clock.advance(60_000);

    expect(tries).toEqual(['bad 1.1', 'bad 2.2', 'good 3.1']);
    expect(lab.all('backoff').map(({ path }) => path)).toEqual([
      'app/p/handlers/strict',
      'app/p/handlers/strict',
    ]);
    expect(lab.all('item').map(({ retryMs }) => retryMs)).toEqual([0, null]);
  });

  it('fails of what onError throws', async () => {
    const lab = await started(
      pipeline('p')
        .producer('list', [1])
        .always(
          'broken',
          {
            onError: () => {
              throw new Error('nowhere to keep it');
            },
          },
          () => {
            throw new Error('broken');
          },
        ),
    );

    expect(lab.all('backoff')).toMatchObject([{ error: { message: 'nowhere to keep it' } }]);
  });

  it('has its signal cancelled after its timeout, and the item fail', async () => {
    let reason: unknown;
    const lab = await started(
      pipeline('p')
        .producer('list', [1])
        .always('slow', { timeout: '1s' }, async (_item, ctx) => {
          await ctx.sleep('1h').catch((error: unknown) => {
            reason = error;
          });
          return 'too late';
        })
        .consumer('all', () => {
          throw new Error('nothing is to come here');
        }),
    );
    await lab.clock.advance(1_000);

    expect(reason).toMatchObject({ code: 'DARUMA_ITEM_TIMEOUT', path: 'app/p/handlers/slow' });
    expect(lab.all('item')).toMatchObject([{ error: { code: 'DARUMA_ITEM_TIMEOUT' } }]);
  });

  it('loses its place to others when it does not obey', async () => {
    const begun: number[] = [];
    const lab = await started(
      pipeline('p')
        .producer('list', [1, 2])
        .always('deaf', { timeout: '1s', stopWithin: '2s', concurrency: 1 }, (n) => {
          begun.push(n);
          return n === 1 ? new Promise<void>(() => {}) : undefined;
        }),
    );
    await lab.clock.advance(2_999);
    expect(begun).toEqual([1]);

    await lab.clock.advance(1);
    expect(begun).toEqual([1, 2]);
  });

  it('cleans up after every attempt, and is done with it', async () => {
    const steps: string[] = [];
    let late = () => {};
    let later = async () => {};
    await started(
      pipeline('p')
        .producer('list', ['a'])
        .always('tidy', (word, ctx) => {
          ctx.defer(() => void steps.push('first'));
          ctx.use({}, () => void steps.push('second'));
          late = () => ctx.defer(() => {});
          later = () => ctx.storage.set('late', word);
          steps.push('handled');
        }),
    );

    expect(steps).toEqual(['handled', 'second', 'first']);
    const stale = expect.objectContaining({ code: 'DARUMA_STALE_INCARNATION' });
    expect(late).toThrow(stale);
    await expect(later()).rejects.toEqual(stale);
  });

  it('may call others under a policy, whose calls end with the attempt', async () => {
    const bank = policy('bank', { timeout: '1s', retry: { maxAttempts: 2 } });
    const results: string[] = [];
    const lab = await started(
      pipeline('p')
        .producer('list', ['a'])
        .always('charge', async (word, ctx) => {
          return await bank.run(ctx, ({ attempt }) => {
            if (attempt === 1) throw new Error('busy');
            return `${word} charged`;
          });
        })
        .consumer('all', (result) => void results.push(result)),
    );
    await lab.clock.advance(60_000);

    expect(results).toEqual(['a charged']);
  });
});

describe('a consumer that fails', () => {
  it('is restarted alone, and begins with the same result again', async () => {
    const stored: string[] = [];
    const mailed: string[] = [];
    const faucet = new Faucet<string>();
    const lab = await started(
      pipeline('p')
        .producer('tap', faucet)
        .always('pass', (word) => word)
        .consumer('store', (word, ctx) => {
          if (word === 'b' && ctx.incarnation < 3) throw new Error('disk is full');
          stored.push(`${word} by ${ctx.incarnation}`);
        })
        .consumer('mail', (word) => void mailed.push(word)),
    );
    faucet.put('a', 'b', 'c');
    await lab.clock.settle();

    expect(mailed).toEqual(['a', 'b', 'c']);
    expect(stored).toEqual(['a by 1']);
    await lab.clock.advance(60_000);
    expect(stored).toEqual(['a by 1', 'b by 3', 'c by 3']);
    expect(new Set(lab.all('backoff').map(({ path }) => path))).toEqual(
      new Set(['app/p/consumers/store']),
    );
    expect(lab.all('item').map(({ attempt, retryMs }) => [attempt, retryMs])).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });

  it('gives a result up that it has failed of five times, and goes on with the next', async () => {
    const stored: string[] = [];
    const lab = await started(
      pipeline('p')
        .producer('list', ['poison', 'fine'])
        .always('pass', (word) => word)
        .consumer('store', (word) => {
          if (word === 'poison') throw new Error('no');
          stored.push(word);
        }),
    );
    await lab.clock.advance(600_000);

    expect(lab.all('item').map(({ attempt, retryMs }) => [attempt, retryMs])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
      [5, null],
    ]);
    expect(stored).toEqual(['fine']);
    expect(lab.log().at(-1)).toBe('ended app/p');
  });

  it('ends the pipeline when it has used up the budget of its group, and so does nothing else', async () => {
    const faucet = new Faucet<number>();
    const lab = new Lab(
      supervisor('app', { whenExhausted: 'give-up', intensity: 0 }, [
        pipeline('p', { intensity: 2 })
          .producer('tap', faucet)
          .always('pass', (n) => n)
          .consumer('store', { retry: { maxAttempts: 100 } }, () => {
            throw new Error('no');
          }),
        service('bystander', async (ctx) => ctx.sleep('1h')),
      ]),
    );
    await lab.start();
    faucet.put(1);
    await lab.clock.advance(60_000);

    expect(lab.all('escalated').map(({ path, culprit }) => [path, culprit])).toEqual([
      ['app/p/consumers', 'app/p/consumers/store'],
      ['app/p', 'app/p/consumers'],
    ]);
    expect(lab.system.ref('app/bystander').status()).toBe('running');
    expect(lab.system.ref('app/p').status()).toBe('failed');
  });
});

describe('a producer that fails', () => {
  it('is restarted with backoff, while its items go on', async () => {
    let lives = 0;
    const results: number[] = [];
    const lab = await started(
      pipeline('p')
        .producer('flaky', async function* () {
          lives++;
          yield lives;
          if (lives < 3) throw new Error('line is cut');
        })
        .always('slow', async (n, ctx) => {
          await ctx.sleep('1m');
          return n;
        })
        .consumer('all', (n) => void results.push(n)),
    );
    await lab.clock.advance(120_000);

    expect(results).toEqual([1, 2, 3]);
    expect(lab.all('backoff')).toMatchObject([
      { path: 'app/p/producers/flaky', error: { message: 'line is cut' } },
      { path: 'app/p/producers/flaky' },
    ]);
    expect(lab.log().at(-1)).toBe('ended app/p');
  });

  it('says what is no source', async () => {
    const lab = new Lab(
      supervisor('app', [
        pipeline('p')
          .producer('text', (() => 'text') as never)
          .always('pass', () => {}),
      ]),
    );
    await lab.start();

    expect(lab.all('backoff')).toMatchObject([
      { path: 'app/p/producers/text', error: { code: 'DARUMA_NOT_A_SOURCE' } },
    ]);
  });
});
