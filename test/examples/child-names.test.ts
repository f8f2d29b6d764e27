import { describe, expect, it } from 'vitest';
import { childNames } from '../../examples/watchtower/lib/child-names.ts';

const named = (...items: string[]) => [...childNames(items, String)];

describe('childNames', () => {
  it('makes segments of a path', () => {
    const names = named('example.com:8080/', '/orders', '$x y/ü', '..', '*').map(([name]) => name);

    expect(names).toEqual(['example.com:8080', 'orders', 'x-y', 'unnamed', 'unnamed-2']);
  });

  it('gives no name twice, and each item one', () => {
    expect(named('a/b', 'a-b', 'a/b', 'a b')).toEqual([
      ['a-b', 'a/b'],
      ['a-b-2', 'a-b'],
      ['a-b-3', 'a b'],
    ]);
  });
});
