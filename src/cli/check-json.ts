import { supervisionInvariants } from '../testing/invariants/supervision.ts';
import type { CheckResult } from './check.ts';

/**
 * What a check has found, as plain data. Milliseconds; null: no limit, or never. Times of
 * availability and costs are of the whole simulated time, `hours`.
 */
export function checkJson(result: CheckResult): string {
  const { compiled, outlook, seen, report, failure, availability, seed, hours, costs } = result;
  const { startMs, bootWithinMs, stopMs, stopWithinMs, graceMs } = outlook;
  const { places, outages, totalMs, anyDownMs, systemDownMs, reboots } = availability;
  const services = [...outages].map(([path, { ms: outageMs, count: failures }]) => {
    const { downMs = 0, restarts, losses } = places.get(path) ?? {};
    const behaviour = result.behaviours.get(path);
    const share = 1 - downMs / totalMs;
    return { path, available: share, downMs, outageMs, failures, restarts, losses, behaviour };
  });
  const escalations = [...places].flatMap(([path, { escalations: count }]) =>
    count > 0 ? [{ path, count }] : [],
  );
  const data = {
    ok: failure === undefined,
    seed,
    invariants: supervisionInvariants.map(({ name }) => name),
    runs: report.runs,
    faults: report.faults,
    simulatedMs: report.simulatedMs,
    violation: failure ? violationData(failure.failure) : null,
    worstCase: { startMs, bootWithinMs, stopMs, stopWithinMs, graceMs },
    seen: { startMs: seen.startMs, stopMs: seen.stopMs },
    availability: {
      hours,
      everything: { available: 1 - anyDownMs / totalMs, downMs: anyDownMs },
      process: { available: 1 - systemDownMs / totalMs, downMs: systemDownMs, reboots },
      services,
      escalations,
    },
    costs,
    warnings: compiled.warnings,
  };
  return JSON.stringify(data, withoutInfinity, 2);
}

function violationData({
  violation,
  plan,
  run,
}: NonNullable<CheckResult['failure']>['failure']): object {
  const evidence = violation.evidence.flatMap((seq) => run.trace.events[seq - 1] ?? []);
  return { ...violation, evidence, plan };
}

/** JSON has no Infinity. */
function withoutInfinity(_key: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY || value === undefined ? null : value;
}
