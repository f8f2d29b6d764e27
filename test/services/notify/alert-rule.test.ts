import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlertNotice, lookAt, quiet } from '../../../actors/rules/alert.ts';

const cooldownMs = 100;

/** Runs the rule over a condition that changes at given moments, waking up when it wants to. */
function noticesOf(changes: readonly { readonly afterMs: number; readonly holds: boolean }[]) {
  const notices: { readonly at: number; readonly notice: AlertNotice; readonly holds: boolean }[] =
    [];
  let state = quiet;
  let now = 0;
  let wakeAt: number | undefined;
  let holds = false;
  const look = () => {
    const step = lookAt(state, holds, now, cooldownMs);
    state = step.state;
    wakeAt = step.lookAt;
    if (step.notice) notices.push({ at: now, notice: step.notice, holds });
  };
  for (const change of changes) {
    const until = now + change.afterMs;
    while (wakeAt !== undefined && wakeAt <= until) {
      now = wakeAt;
      look();
    }
    now = until;
    holds = change.holds;
    look();
  }
  return notices;
}

const changes = fc.array(fc.record({ afterMs: fc.nat({ max: 250 }), holds: fc.boolean() }), {
  maxLength: 30,
});

describe('the rule of alerts', () => {
  it('says of a condition only what is so, and of its end only when it has said that it began', () => {
    fc.assert(
      fc.property(changes, (given) => {
        let isTold = false;
        for (const { notice, holds } of noticesOf(given)) {
          expect(holds).toBe(notice.kind !== 'recovered');
          expect(isTold).toBe(notice.kind !== 'raised');
          isTold = notice.kind !== 'recovered';
        }
      }),
    );
  });

  it('never raises or reminds twice within the cooldown, however often the condition comes and goes', () => {
    fc.assert(
      fc.property(changes, (given) => {
        const told = noticesOf(given).filter(({ notice }) => notice.kind !== 'recovered');
        for (const [index, { at }] of told.entries()) {
          const before = told[index - 1];
          if (before) expect(at - before.at).toBeGreaterThanOrEqual(cooldownMs);
        }
      }),
    );
  });

  it('tells of every condition that lasts longer than the cooldown', () => {
    fc.assert(
      fc.property(changes, (given) => {
        const settled = [
          ...given,
          { afterMs: 0, holds: true },
          { afterMs: cooldownMs, holds: true },
        ];
        expect(noticesOf(settled).at(-1)?.holds).toBe(true);
      }),
    );
  });
});
