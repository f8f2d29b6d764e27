import type { OptionReader } from './option-reader.ts';
import { commonOptions, readCommon, type Surroundings } from './read-item.ts';
import type { SupervisorSpec } from './spec.ts';

/** What can be said of copies of a template too. */
export const supervisorOptions: readonly string[] = [
  ...commonOptions,
  'strategy',
  'start',
  'intensity',
  'period',
  'whenExhausted',
  'autoShutdown',
  'template',
  'maxChildren',
];

/**
 * The spec that the options of a supervisor make of a base. Children and template are the base's.
 *
 * @param known the options that it has
 */
export function readSupervisor(
  reader: OptionReader,
  base: SupervisorSpec,
  surroundings: Surroundings,
  known: readonly string[] = supervisorOptions,
): SupervisorSpec {
  reader.refuseUnknown(known, misplaced);
  return Object.freeze({
    kind: 'supervisor',
    name: base.name,
    ...readCommon(reader, base, surroundings),
    strategy: reader.choice('strategy', strategies, base.strategy, 'DARUMA_INVALID_STRATEGY'),
    order: reader.choice('start', ['sequential', 'parallel'], base.order),
    intensity: reader.number('intensity', base.intensity, {
      min: 0,
      isWhole: true,
      code: 'DARUMA_INVALID_INTENSITY',
    }),
    periodMs: reader.duration('period', base.periodMs, {
      isPositive: true,
      code: 'DARUMA_INVALID_PERIOD',
    }),
    whenExhausted: reader.choice('whenExhausted', ['escalate', 'give-up'], base.whenExhausted),
    autoShutdown: reader.choice(
      'autoShutdown',
      ['never', 'any-significant', 'all-significant'],
      base.autoShutdown,
      'DARUMA_INVALID_AUTO_SHUTDOWN',
    ),
    stopWithinMs: reader.duration('stopWithin', base.stopWithinMs, {
      code: 'DARUMA_INVALID_STOP_WITHIN',
      words: { infinity: Number.POSITIVE_INFINITY },
    }),
    children: base.children,
    template: base.template,
    maxChildren: readMaxChildren(reader, base),
    ...(base.battery && { battery: base.battery }),
  });
}

const staticStrategies = ['one-for-one', 'one-for-all', 'rest-for-one'] as const;
const strategies = [...staticStrategies, 'dynamic'] as const;

/** Whether these options ask for children: not for copies of a template, nor for nonsense. */
export function isStatic(strategy: unknown): boolean {
  return strategy === undefined || staticStrategies.some((known) => known === strategy);
}

function readMaxChildren(reader: OptionReader, base: SupervisorSpec): number {
  if (reader.raw('maxChildren') === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return reader.number('maxChildren', base.maxChildren, { min: 0, isWhole: true });
}

const ofService = 'It is an option of a service.';
const ofSystem = 'It is an option of createSystem(app, { ... }).';
const ofBudget = 'The budget of restarts is intensity (how many) and period (in how long).';

const misplaced: Readonly<Record<string, string>> = {
  children: "Children are the last argument: supervisor('name', { ... }, [a, b]).",
  needs: 'Supervisors have no needs of their own; put them on the services that have them.',
  startWithin: `${ofService} A supervisor takes as long as its children.`,
  firstStart: ofService,
  watchdog: ofService,
  receive: ofService,
  run: ofService,
  ready: ofService,
  decide: ofService,
  grace: ofSystem,
  bootWithin: ofSystem,
  maxRestarts: ofBudget,
  maxAttempts: ofBudget,
  maxRetries: ofBudget,
  withinTimeRange: ofBudget,
  order: "Did you mean 'start'?",
  name: 'The name is the first argument.',
};
