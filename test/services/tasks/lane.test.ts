import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lane, type Standing } from '../../../src/services/tasks/lane.ts';

interface Person extends Standing {
  readonly name: number;
}

describe('a lane', () => {
  it('keeps the order of those who stand in it, whoever leaves', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant('add' as const) },
      { weight: 2, arbitrary: fc.nat({ max: 1_000 }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600, size: 'max' }), (steps) => {
        const lane = new Lane<Person>();
        const model: Person[] = [];
        for (const [name, each] of steps.entries()) {
          if (each === 'add') {
            const person = { name, place: -1 };
            lane.add(person);
            model.push(person);
          } else if (model.length > 0) {
            const [gone] = model.splice(each % model.length, 1);
            expect(lane.remove(gone as Person)).toBe(true);
            expect(lane.remove(gone as Person)).toBe(false);
          }
          expect([lane.first, lane.size]).toEqual([model[0], model.length]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('takes no longer when many have come and gone', () => {
    const lane = new Lane<Person>();
    const first = { name: 0, place: -1 };
    lane.add(first);
    for (let name = 1; name < 100_000; name++) {
      const person = { name, place: -1 };
      lane.add(person);
      lane.remove(person);
    }

    expect(lane.first).toBe(first);
    // Places are counted anew whenever holes are closed.
    const last = { name: -1, place: -1 };
    lane.add(last);
    expect(last.place).toBeLessThan(1_000);
  });
});
