import { afterEach, beforeEach, expect, it } from 'vitest';
import { pipeline, supervisor } from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';
import { Spans } from '../../services/tracing/spans.ts';

let spans: Spans;

beforeEach(() => {
  spans = new Spans().register();
});

afterEach(() => {
  expect(spans.open).toEqual([]);
  Spans.unregister();
});

it('makes a span of every attempt, below that of whatever put the item in', async () => {
  const definition = pipeline('p')
    .producer('list', async function* (ctx) {
      yield* await ctx.span('fetch', async () => [1]);
    })
    .always('handle', { retry: { maxAttempts: 2 } }, async (n, ctx) => {
      if (ctx.attempt === 1) throw new Error('busy');
      return await ctx.span('charge', async () => n);
    })
    .consumer('store', () => {});
  const lab = new Lab(supervisor('app', [definition]), { tracing: { lifecycle: false } });
  await lab.start();
  await lab.clock.advance(60_000);

  expect(spans.lines).toEqual([
    'fetch',
    'item app/p/handlers/handle',
    'item app/p/handlers/handle',
    'item app/p/handlers/handle > charge',
    'item app/p/consumers/store',
  ]);
  const { attributes } = spans.one('item app/p/consumers/store');
  expect(attributes).toEqual({
    'daruma.path': 'app/p/consumers/store',
    'daruma.incarnation': 1,
    'daruma.item.id': expect.any(String),
    'daruma.attempt': 1,
    'daruma.outcome': 'completed',
  });
});
