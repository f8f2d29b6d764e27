import { describe, expect, it } from 'vitest';
import { pipeline } from '../../../src/index.ts';
import { started } from './mill.ts';

const numbers = Array.from({ length: 6 }, (_, index) => index + 1);

describe('a router', () => {
  it('picks the handlers by the id of the item, and the fallback where none has it', async () => {
    const results: string[] = [];
    await started(
      pipeline('p')
        .producer('list', ['a', 'b', 'c', 'd'])
        .router((letter) => `is-${letter}`)
        .on('is-a', (letter) => `first ${letter}`)
        .on('others', { ids: ['is-b', 'is-c'] }, (letter) => `other ${letter}`)
        .fallback('nobody', (letter) => `nobody knows ${letter}`)
        .consumer('all', (result) => void results.push(result)),
    );

    expect(results).toEqual(['first a', 'other b', 'other c', 'nobody knows d']);
  });

  it('calls a handler by predicate for what it holds for, and one that is always called for everything', async () => {
    const seen: string[] = [];
    await started(
      pipeline('p')
        .producer('list', numbers)
        .when(
          'even',
          (n) => n % 2 === 0,
          (n) => void seen.push(`even ${n}`),
        )
        .always('all', (n) => void seen.push(`all ${n}`)),
    );

    expect(seen.filter((line) => line.startsWith('even'))).toEqual(['even 2', 'even 4', 'even 6']);
    expect(seen.filter((line) => line.startsWith('all'))).toHaveLength(6);
  });

  it('calls a fallback only when nothing matched', async () => {
    const seen: string[] = [];
    await started(
      pipeline('p')
        .producer('list', numbers)
        .when(
          'small',
          (n) => n < 3,
          (n) => void seen.push(`small ${n}`),
        )
        .fallback('rest', (n) => void seen.push(`rest ${n}`)),
    );

    expect(seen.toSorted()).toEqual(['rest 3', 'rest 4', 'rest 5', 'rest 6', 'small 1', 'small 2']);
  });

  it('calls no fallback where a handler is always called', async () => {
    const seen: string[] = [];
    await started(
      pipeline('p')
        .producer('list', numbers)
        .always('all', () => {})
        .fallback('rest', (n) => void seen.push(`rest ${n}`)),
    );

    expect(seen).toEqual([]);
  });

  it('makes an item that no handler is for visible, and goes on', async () => {
    const lab = await started(
      pipeline('p')
        .producer('list', ['known', 'unknown'])
        .router((word) => word)
        .on('known', () => {}),
    );

    const [event, ...others] = lab.all('item');
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      path: 'app/p/router',
      status: 'unmatched',
      count: 1,
      route: 'unknown',
    });
    expect(lab.system.metrics.text()).toContain(
      'daruma_items_total{actor="app/p/router",status="unmatched"} 1',
    );
  });

  it('has an item fail of which a predicate throws, and that item alone', async () => {
    const seen: number[] = [];
    const lab = await started(
      pipeline('p')
        .producer('list', [1, 2, 3])
        .when(
          'picky',
          (n) => {
            if (n === 2) throw new Error('not two');
            return true;
          },
          (n) => void seen.push(n),
        ),
    );

    expect(seen).toEqual([1, 3]);
    expect(lab.all('item')).toMatchObject([
      { path: 'app/p/router', status: 'failed', retryMs: null, error: { message: 'not two' } },
    ]);
    expect(lab.all('backoff')).toEqual([]);
  });

  it('forwards nothing for a handler that returns undefined, and what several return one by one', async () => {
    const results: unknown[] = [];
    await started(
      pipeline('p')
        .producer('list', [1, 2])
        .always('double', (n) => n * 2)
        .always('silent', () => undefined)
        .always('negative', (n) => -n)
        .consumer('all', (result, { item, handler }) => {
          results.push([item.payload, handler, result]);
        }),
    );

    expect(results).toEqual([
      [1, 'double', 2],
      [1, 'negative', -1],
      [2, 'double', 4],
      [2, 'negative', -2],
    ]);
  });

  it('tells handlers where an item comes from', async () => {
    const seen: unknown[] = [];
    const lab = await started(
      pipeline('p')
        .producer('left', ['l'])
        .producer('right', ['r'])
        .router((_word, { producer }) => producer)
        .on('left', (word, { item }) => void seen.push([word, item.producer, item.route]))
        .on('right', (word, { item }) => void seen.push([word, item.producer, item.route])),
    );

    expect(seen).toEqual([
      ['l', 'left', 'left'],
      ['r', 'right', 'right'],
    ]);
    expect(lab.all('item')).toEqual([]);
  });
});
