import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type HealthStatus,
  healthLevels,
  isWorse,
  judge,
  unknown,
} from '../../../actors/rules/hysteresis.ts';

const level = fc.constantFrom(...healthLevels);
const patience = fc.record({
  failures: fc.integer({ min: 1, max: 4 }),
  successes: fc.integer({ min: 1, max: 4 }),
});

describe('hysteresis', () => {
  it('changes its mind only on so many results in a row that are on the same side of it', () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 30 }), patience, (results, rule) => {
        let verdict = unknown;
        for (const [index, result] of results.entries()) {
          const before = verdict.status;
          verdict = judge(verdict, result, rule);
          if (before === undefined) expect(verdict.status).toBe(result);
          else if (verdict.status !== before) {
            const worse = isWorse(result, before);
            const needed = worse ? rule.failures : rule.successes;
            const last = results.slice(Math.max(0, index + 1 - needed), index + 1);
            expect(last).toHaveLength(needed);
            expect(last.every((one) => isWorse(one, before) === worse && one !== before)).toBe(
              true,
            );
          }
        }
      }),
    );
  });

  it('changes it as soon as there are that many', () => {
    fc.assert(
      fc.property(level, level, patience, (from: HealthStatus, to: HealthStatus, rule) => {
        fc.pre(from !== to);
        const needed = isWorse(to, from) ? rule.failures : rule.successes;
        let verdict = judge(unknown, from, rule);
        for (let nth = 1; nth < needed; nth++) {
          verdict = judge(verdict, to, rule);
          expect(verdict.status).toBe(from);
        }

        expect(judge(verdict, to, rule).status).toBe(to);
      }),
    );
  });
});
