import { NotRetryable } from '../../errors.ts';
import type { FaultKind } from '../fault-kind.ts';
import { queuesOf, workersOf } from '../jobs.ts';
import type { FaultParams } from '../plan.ts';
import type { SimulatedBody } from '../simulated-body.ts';
import type { Simulation } from '../simulation.ts';
import { jobsOf } from './bent-work.ts';
import { errorOfShape, errorShapes } from './error-shapes.ts';

const ms = { kind: 'ms', min: 1, max: 60_000 } as const;
const count = { kind: 'integer', min: 1, max: 5 } as const;

/** A fault of what workers have in common: where jobs are kept. */
function ofQueues(
  name: string,
  description: string,
  params: FaultKind['params'],
  apply: (simulation: Simulation, params: FaultParams) => void,
): FaultKind {
  return {
    name,
    group: 'queue',
    strikes: 'system',
    description,
    params,
    isPossible: (tree) => queuesOf(tree).size > 0,
    apply,
  };
}

/** A fault of the handler of one worker. */
function ofHandlers(
  name: string,
  description: string,
  params: FaultKind['params'],
  apply: (body: SimulatedBody, params: FaultParams) => void,
): FaultKind {
  return {
    name,
    group: 'queue',
    strikes: 'body',
    description,
    params,
    isPossible: (tree) => workersOf(tree).length > 0,
    targets: workersOf,
    apply,
  };
}

/** So many calls of the handler do something else. */
function bendCalls(body: SimulatedBody, times: number, instead: (given: unknown) => unknown): void {
  let left = times;
  body.bends.work = (work, given) => (left-- > 0 ? instead(given) : work());
}

/** The first job that comes along fails so often, also as one of a batch; others are done. */
function poison(body: SimulatedBody, times: number, error: unknown): void {
  let left = times;
  let poisoned: string | undefined;
  body.bends.work = (work, given) => {
    const ids = jobsOf(given).map(({ id }) => id);
    poisoned ??= ids[0];
    if (left === 0 || poisoned === undefined || !ids.includes(poisoned)) return work();
    left--;
    throw errorOfShape(error, 'poisoned job');
  };
}

function signalOf(given: unknown): AbortSignal {
  const [job] = (Array.isArray(given) ? given : [given]) as { readonly signal: AbortSignal }[];
  return (job as { readonly signal: AbortSignal }).signal;
}

/** What can go wrong with durable jobs. */
export const jobFaults: readonly FaultKind[] = [
  ofHandlers(
    'poisonJob',
    'The next job of a worker fails, and again so many times, whoever tries it there.',
    { times: { kind: 'integer', min: 1, max: 20 }, error: errorShapes },
    (body, { times, error }) => poison(body, Number(times ?? 3), error),
  ),
  ofHandlers(
    'jobRejects',
    'The next handlers of a worker say that another attempt is of no use: what they were given is dead.',
    { count },
    (body, given) =>
      bendCalls(body, Number(given.count ?? 1), () => {
        throw new NotRetryable('injected: of no use');
      }),
  ),
  ofHandlers(
    'jobHangs',
    'The next handlers of a worker do not end before they are asked to.',
    { count },
    (body, given) =>
      bendCalls(body, Number(given.count ?? 1), (job) => {
        const signal = signalOf(job);
        return new Promise((_resolve, reject) => {
          if (signal.aborted) reject(signal.reason);
          else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      }),
  ),
  ofHandlers(
    'jobIgnoresSignal',
    'The next handlers of a worker never end, whoever asks.',
    { count },
    (body, given) => bendCalls(body, Number(given.count ?? 1), () => new Promise(() => {})),
  ),
  ofQueues(
    'jobRedeliver',
    'The leases of running jobs end at once, and nobody tells: they are delivered again.',
    { count },
    ({ storage, clock }, given) =>
      storage.interfere(storage.jobs.endLeases(Number(given.count ?? 1), clock.now())),
  ),
  ofQueues(
    'leaseExpire',
    'For a while no lease on a job can be renewed.',
    { ms },
    ({ storage }, given) => storage.jobs.refuseRenewals(Number(given.ms ?? 10_000)),
  ),
  ofQueues(
    'ackLost',
    'What became of the next jobs is lost sight of on its way to the storage: it may be stored all the same.',
    { count, isStored: { kind: 'choice', of: [true, false] } },
    ({ storage }, given) =>
      storage.jobs.loseAcks(Number(given.count ?? 1), given.isStored !== false),
  ),
  ofQueues(
    'queueDown',
    'For a while nothing can be done to jobs; what else is stored is.',
    { ms },
    ({ storage }, given) => storage.jobs.goDown(Number(given.ms ?? 5_000)),
  ),
  ofQueues(
    'jobDelay',
    'For a while jobs arrive late at whoever has claimed them, also later than their leases last.',
    { ms, delay: ms },
    ({ storage }, given) =>
      storage.jobs.delayClaims(Number(given.ms ?? 10_000), Number(given.delay ?? 1_000)),
  ),
  ofQueues(
    'jobReorder',
    'For a while jobs that are claimed together arrive in another order, those of one priority.',
    { ms },
    ({ storage }, given) => storage.jobs.reorderClaims(Number(given.ms ?? 10_000)),
  ),
  ofQueues('redrive', 'Somebody has all dead jobs tried again.', {}, ({ storage, clock }) => {
    for (const step of storage.jobs.redriveAll(clock.now())) storage.interfere(step);
  }),
  ofQueues(
    'overload',
    'The job that was added last is added so many times more, as jobs of their own.',
    { count: { kind: 'integer', min: 1, max: 50 } },
    ({ storage, clock }, given) =>
      storage.interfere(storage.jobs.addAgain(Number(given.count ?? 10), clock.now())),
  ),
];
