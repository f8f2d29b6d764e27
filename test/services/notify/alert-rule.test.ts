import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlertNotice, lookAt, quiet, type Severity } from '../../../actors/rules/alert.ts';

const policy = { cooldownMs: 100, remindAfterMs: 300 };

interface Change {
  readonly afterMs: number;
  readonly severity: Severity;
}

interface Told {
  readonly at: number;
  readonly kind: AlertNotice;
  readonly severity: Severity;
}

/** Runs the rule over something that changes at given moments, looking again when it wants to. */
function toldOf(given: readonly Change[]): Told[] {
  const told: Told[] = [];
  let state = quiet;
  let now = 0;
  let wakeAt: number | undefined;
  let severity: Severity = 0;
  const look = () => {
    const step = lookAt(state, severity, now, policy);
    state = step.state;
    wakeAt = step.lookAt;
    if (step.notice) told.push({ at: now, kind: step.notice.kind, severity });
  };
  for (const change of given) {
    const until = now + change.afterMs;
    while (wakeAt !== undefined && wakeAt <= until) {
      now = wakeAt;
      look();
    }
    now = until;
    severity = change.severity;
    look();
  }
  return told;
}

const changes = fc.array(
  fc.record({ afterMs: fc.nat({ max: 400 }), severity: fc.constantFrom<Severity>(0, 1, 2) }),
  { maxLength: 30 },
);

describe('the rule of alerts', () => {
  it('tells of an end only those who were told of the begin, and only what is so', () => {
    fc.assert(
      fc.property(changes, (given) => {
        let isTold = false;
        for (const { kind, severity } of toldOf(given)) {
          expect(severity === 0).toBe(kind === 'recovered');
          if (kind !== 'raised') expect(isTold).toBe(true);
          isTold = kind !== 'recovered';
        }
      }),
    );
  });

  it('tells nothing twice within the cooldown, unless it is worse than what was told', () => {
    fc.assert(
      fc.property(changes, (given) => {
        const alarms = toldOf(given).filter(({ kind }) => kind !== 'recovered');
        for (const [index, alarm] of alarms.entries()) {
          const before = alarms[index - 1];
          if (!before || alarm.severity > before.severity) continue;
          expect(alarm.at - before.at).toBeGreaterThanOrEqual(policy.cooldownMs);
        }
      }),
    );
  });

  it('tells of everything that lasts longer than the cooldown', () => {
    fc.assert(
      fc.property(changes, (given) => {
        const lasting = [
          ...given,
          { afterMs: 0, severity: 1 as const },
          { afterMs: policy.cooldownMs, severity: 1 as const },
        ];
        expect(toldOf(lasting).at(-1)?.severity).toBeGreaterThan(0);
      }),
    );
  });

  it('reminds as long as it lasts', () => {
    const told = toldOf([
      { afterMs: 0, severity: 2 },
      { afterMs: 700, severity: 0 },
    ]);

    expect(told.map(({ at, kind }) => [at, kind])).toEqual([
      [0, 'raised'],
      [300, 'reminder'],
      [600, 'reminder'],
      [700, 'recovered'],
    ]);
  });
});
