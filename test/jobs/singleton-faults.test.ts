import * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Singleton, service, singleton, supervisor } from '../../src/index.ts';
import { appOf, faultsOf, idle, wrongly } from '../define/faults-of.ts';
import { Lab } from '../kernel/lab.ts';

const work = (options: object = {}) => service('billing', wrongly(options), idle);

describe('a singleton that could not work', () => {
  it.each([
    ['lease', singleton(work(), { lease: wrongly('soon') })],
    ['no lease', singleton(work(), { lease: 0 })],
    ['margin', singleton(work(), { lease: '10s', margin: '6s' })],
    ['a stop that takes longer than the margin', singleton(work({ stopWithin: '10s' }))],
    ['a stop without a limit', singleton(work({ stopWithin: 'infinity' }), { lease: '1m' })],
    ['unknown options', singleton(work(), wrongly({ ttl: '5s', leese: '5s' }))],
    ['what it runs', singleton('billing', wrongly({}), wrongly(7))],
    ['options of what it runs', singleton(work({ restart: 'never', stopp: idle }))],
    ['its needs', singleton(work({ needs: { printer: 'app/printer' } }))],
  ])('is refused: %s', (_name, definition) => {
    expect(faultsOf(appOf(definition))).toMatchSnapshot();
  });

  it('is not refused for limits that nobody set, or that fit', () => {
    const small = supervisor('inner', [work(), service('other', idle)]);
    const app = supervisor('app', [
      singleton(service('a', idle), { lease: '3s' }),
      singleton(small, { lease: '1s', margin: '400ms' }),
      singleton(service('c', { stopWithin: 'brutal' }, idle)),
      singleton(service('d', { stopWithin: '20s' }, idle), { lease: '1m' }),
    ]);

    expect(() => new Lab(app)).not.toThrow();
  });

  it('hints at a limit that is cut short, where only its function knows', async () => {
    const app = supervisor('app', [
      singleton('billing', () => service('run', { stopWithin: '10s' }, () => {})),
    ]);
    const lab = await new Lab(app, { storage: 'memory' }).start();

    expect(lab.all('hint').map(({ path, text }) => `${path}: ${text}`)).toMatchInlineSnapshot(`
      [
        "app/billing: The stopWithin of run is longer than the margin of its lease, 5s, which is what it has.",
      ]
    `);
    await lab.stop();
  });

  it('fails when its function returns no definition', async () => {
    const app = supervisor('app', [
      singleton(
        'billing',
        wrongly(() => 'run'),
      ),
    ]);
    const lab = await new Lab(app, { storage: 'memory' }).start();
    const [ended] = lab.all('ended');

    expect(ended?.error).toMatchObject({ code: 'DARUMA_INVALID_BODY' });
    await lab.stop();
  });
});

it('has the name and the needs of what it runs, and a handle as its value', () => {
  const database = service('database', { start: () => 7 });
  const inner = service('billing', { needs: { database }, config: v.object({}) }, idle);
  const one = singleton(inner);
  const other = singleton('nightly', { lease: '5s' }, ({ token }) => service(`run-${token}`, idle));

  expect(one.name).toBe('billing');
  expect(one.options).toMatchObject({ needs: { database } });
  expectTypeOf(one.name).toEqualTypeOf<'billing'>();
  expectTypeOf(other.name).toEqualTypeOf<'nightly'>();
  service('page', { needs: { one } }, (ctx) => {
    expectTypeOf(ctx.needs.one).toEqualTypeOf<Singleton>();
  });
});
