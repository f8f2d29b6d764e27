import type { Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';

/** Makes the violations of one invariant. Evidence is put in order; what is missing is left out. */
export function violationOf(invariant: string) {
  return (
    event: TraceEvent,
    message: string,
    ...evidence: readonly (TraceEvent | undefined)[]
  ): Violation => {
    const seqs = [...evidence, event].flatMap((each) => (each ? [each.seq] : []));
    return {
      invariant,
      at: event.at,
      path: event.path,
      message,
      evidence: [...new Set(seqs)].sort((a, b) => a - b).slice(-6),
    };
  };
}

/** A number of milliseconds for a message. */
export function ms(value: number): string {
  return Number.isFinite(value) ? `${value} ms` : 'no limit';
}
