import { expect, it } from 'vitest';
import { ServerClock } from '../../src/services/engine/postgres/server-clock.ts';

it('counts a difference that the way of a message explains as none', () => {
  const clock = new ServerClock();
  clock.set(1_000, 1_140, 1_200);

  expect(clock.toServer(5_000)).toBe(5_000);
  expect(clock.toLocal(5_000)).toBe(5_000);
});

it('moves times by a real difference, there and back', () => {
  const clock = new ServerClock();
  clock.set(1_000, 61_105, 1_010);

  expect(clock.toServer(5_000.7)).toBe(65_100);
  expect(clock.toLocal(65_100)).toBe(5_000);
  expect([clock.toServer(null), clock.toLocal(null)]).toEqual([null, null]);
});

it('measures anew when the clocks have drifted', () => {
  const clock = new ServerClock();
  expect(clock.isDue).toBe(true);
  clock.set(1_000, 61_000, 1_000);
  expect(clock.isDue).toBe(false);
  clock.set(2_000, 2_000, 2_000);

  expect(clock.toServer(5_000)).toBe(5_000);
});
