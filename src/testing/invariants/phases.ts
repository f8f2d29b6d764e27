import type { SystemPhase } from '../../events.ts';
import type { Invariant, Violation } from '../invariant.ts';
import type { SystemLimits } from '../system-limits.ts';
import type { TraceEvent } from '../trace.ts';
import { whenInstantsEnd } from './instants.ts';
import type { Of } from './place.ts';
import { ms, violationOf } from './violation.ts';

const violation = violationOf('phasesInOrder');

const next: Readonly<Record<SystemPhase, readonly SystemPhase[]>> = {
  booting: ['running', 'stopping', 'stopped'],
  running: ['draining', 'stopping', 'stopped'],
  draining: ['stopping', 'stopped'],
  stopping: ['stopped'],
  stopped: [],
};

/** From the boot to the end: what was asked of the system happens at once, and no phase lasts too long. */
export const phasesInOrder: Invariant = {
  name: 'phasesInOrder',
  description:
    'A system boots, runs, drains and stops in this order, as soon as it is asked to and within its limits.',
  kind: 'safety',
  needs: ['calls'],
  begin(tree, book) {
    let phase: Of<'phase'> | undefined;
    let asked: TraceEvent | undefined;
    let forced: TraceEvent | undefined;
    const { limits } = tree;
    const overdue = whenInstantsEnd(book, (at): Violation | undefined => {
      if (!phase) return undefined;
      const isUp = phase.phase === 'booting' || phase.phase === 'running';
      if (asked && isUp) {
        return violation(asked, `The system is asked to stop, and goes on ${phase.phase}.`, phase);
      }
      const root = book.place(tree.root.name);
      if (phase.phase === 'booting' && root.state === 'running' && root.ready) {
        return violation(root.ready, 'The root is ready, and the system goes on booting.', phase);
      }
      if (!limits) return undefined;
      return tooLong(phase, at, limits);
    });
    return {
      onEvent(event) {
        const late = overdue(event);
        if (event.type === 'call' && event.path === tree.root.name) asked ??= event;
        if (event.type === 'signal') {
          asked ??= event;
          if (event.count > 1) forced ??= event;
        }
        if (forced && event.at > forced.at && phase?.phase !== 'stopped') {
          return violation(forced, 'A second signal came, and the system waits on.', phase);
        }
        if (event.type !== 'phase') return late;
        const before = phase;
        phase = event;
        if (late || !before) return late;
        const { halting } = book.place(tree.root.name);
        const isHasty =
          before.phase === 'running' && event.phase === 'stopping' && !halting && !forced;
        if (next[before.phase].includes(event.phase) && !isHasty) {
          return limits && tooLong(before, event.at - book.slackMs, limits);
        }
        return violation(
          event,
          `The system is ${event.phase} at ${event.at} ms; before it was ${before.phase}.`,
          before,
        );
      },
    };
  },
};

function tooLong(phase: Of<'phase'>, now: number, limits: SystemLimits): Violation | undefined {
  const tookMs = now - phase.at;
  const isBooting = phase.phase === 'booting' && tookMs > limits.bootWithinMs;
  if (!isBooting && !(phase.phase === 'draining' && tookMs > limits.stopWithinMs / 2)) {
    return undefined;
  }
  return violation(phase, `The system is ${phase.phase} for ${ms(tookMs)} already.`);
}
