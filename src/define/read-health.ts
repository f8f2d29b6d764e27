import { OptionReader } from './option-reader.ts';
import { isPlain } from './recorded.ts';
import { show } from './show.ts';
import type { HealthCheckSpec } from './spec.ts';

const known = ['check', 'every', 'timeout', 'failures', 'successes'];
const hint = 'health: { ping: async (ctx, database) => database.ping() }';

/** The health checks of a service, by name. */
export function readHealth(
  reader: OptionReader,
  base: readonly HealthCheckSpec[],
): readonly HealthCheckSpec[] {
  const given = reader.raw('health');
  if (given === undefined) return base;
  if (!isPlain(given)) {
    reader.refuse('DARUMA_INVALID_OPTION', 'health', 'it must be an object of checks.', hint);
    return base;
  }
  return Object.freeze(
    Object.entries(given).flatMap(([name, value]) => readCheck(reader, name, value) ?? []),
  );
}

function readCheck(
  { path, faults }: OptionReader,
  name: string,
  value: unknown,
): HealthCheckSpec | undefined {
  const options = typeof value === 'function' ? { check: value } : value;
  if (!isPlain(options) || options.check === undefined) {
    const problem = `health.${name} is ${show(value)}; it must be a function, or { check, ... }.`;
    faults.add('DARUMA_INVALID_OPTION', path, problem, { hint });
    return undefined;
  }
  const reader = new OptionReader(options, path, faults, `health.${name}.`);
  reader.refuseUnknown(known);
  return Object.freeze({
    name,
    check: reader.func<HealthCheckSpec['check']>('check', () => undefined),
    everyMs: reader.duration('every', 30_000, { isPositive: true }),
    timeoutMs: reader.duration('timeout', 5_000, { isPositive: true }),
    failures: reader.number('failures', 3, { min: 1, isWhole: true }),
    successes: reader.number('successes', 1, { min: 1, isWhole: true }),
  });
}
