import { describe, expect, it } from 'vitest';
import { jsonFault } from '../../../src/services/storage/json.ts';
import { errorOf, Keeper } from './keeper.ts';

const circle: { self?: unknown } = {};
circle.self = { back: [circle] };
const deep = (depth: number): unknown => (depth === 0 ? [] : [deep(depth - 1)]);

describe('what JSON cannot say', () => {
  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'value is undefined'],
    ['a number that is none', { a: [0, Number.NaN] }, 'value.a[1] is NaN'],
    ['infinity', [Number.POSITIVE_INFINITY], 'value[0] is Infinity'],
    ['a bigint', { count: 1n }, 'value.count is a bigint'],
    ['a function', { run: () => 1 }, 'value.run is a function'],
    ['a symbol', [Symbol('a')], 'value[0] is a symbol'],
    ['a hole', [1, undefined, 3], 'value[1] is undefined'],
    ['a date', { at: new Date(0) }, 'value.at is a Date'],
    ['a map', { by: { id: new Map() } }, 'value.by.id is a Map'],
    ['an instance of a class', new (class Order {})(), 'value is a Order'],
    ['bytes', new Uint8Array(2), 'value is a Uint8Array'],
    ['a key that is a symbol', { [Symbol('a')]: 1 }, 'value has the key Symbol(a)'],
    ['a method toJSON', { toJSON: () => 1 }, 'value has a method toJSON'],
    ['a circle', circle, 'value.self.back[0] contains itself'],
    ['a key that is no name', { 'a b': [undefined] }, 'value["a b"][0] is undefined'],
  ])('%s', (_what, value, text) => {
    const fault = jsonFault(value);

    expect(`${fault?.at} ${fault?.problem}`).toBe(text);
  });

  it('is what is nested deeper than anybody means', () => {
    expect(jsonFault(deep(499))).toBeUndefined();
    expect(jsonFault(deep(500))?.problem).toBe('is nested 500 deep');
  });

  it('is not a property that is undefined, nor the same object twice', () => {
    const shared = { a: undefined };

    expect(jsonFault([shared, shared, Object.create(null)])).toBeUndefined();
  });

  it('is refused with its place', async () => {
    const { storage } = await Keeper.on('memory');
    const error = await errorOf(storage.set('a', { at: new Date(0) }));

    expect(error).toMatchObject({ code: 'DARUMA_INVALID_VALUE', path: 'app/ada' });
    expect(error.message).toBe(
      "app/ada: the value of 'a': value.at is a Date, which JSON cannot say.",
    );
    expect(error.hint).toContain('date.toISOString()');
  });
});
