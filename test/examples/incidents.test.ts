import { describe, expect, it } from 'vitest';
import { Incidents } from '../../examples/watchtower/lib/incidents.ts';

describe('Incidents', () => {
  it('opens one a subject, and resolves it once', () => {
    const incidents = new Incidents();

    expect(incidents.open('orders', 'HTTP 500', 1)).toMatchObject({ openedAt: 1 });
    expect(incidents.open('orders', 'HTTP 503', 2)).toBeUndefined();
    expect(incidents.current).toEqual([{ subject: 'orders', reason: 'HTTP 500', openedAt: 1 }]);
    expect(incidents.resolve('orders', 3)).toMatchObject({ openedAt: 1, resolvedAt: 3 });
    expect(incidents.resolve('orders', 4)).toBeUndefined();
    expect(incidents.current).toEqual([]);
  });

  it('remembers the latest that were resolved', () => {
    const incidents = new Incidents(2);

    for (const subject of ['a', 'b', 'c']) {
      incidents.open(subject, 'down', 1);
      incidents.resolve(subject, 2);
    }

    expect(incidents.resolved.map(({ subject }) => subject)).toEqual(['c', 'b']);
  });
});
