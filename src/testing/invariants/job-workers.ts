import type { Invariant } from '../invariant.ts';
import { type WorkerInfo, workerInfoOf } from '../jobs.ts';
import type { TraceEvent } from '../trace.ts';
import { violationOf } from './violation.ts';

type HandlerEvent = Extract<TraceEvent, { type: 'job-handler' }>;
type JobEvent = Extract<TraceEvent, { type: 'job' }>;

/** A handler that runs. */
interface Running {
  readonly event: HandlerEvent;
  /** From then on nobody may wait for it any more. */
  until: number;
}

const crowded = violationOf('workersWithinConcurrency');

export const workersWithinConcurrency: Invariant = {
  name: 'workersWithinConcurrency',
  description:
    'A worker never runs more handlers beside each other than its concurrency allows, those left out that it has given up.',
  kind: 'safety',
  needs: ['whole-run'],
  begin(tree) {
    /** By worker and incarnation, by job and attempt. */
    const crews = new Map<string, Map<string, Running>>();
    const crewOf = ({ path, incarnation }: TraceEvent) => {
      const key = `${path}#${incarnation}`;
      const crew = crews.get(key) ?? new Map<string, Running>();
      crews.set(key, crew);
      return crew;
    };
    /** When attempts were started; a batch is called later. */
    const started = new Map<string, number>();
    return {
      onEvent(event) {
        if (event.type === 'job-kept') {
          if (event.did !== 'cancelled' || !event.isRunning) return undefined;
          for (const crew of crews.values()) callOff(crew, event.id, event.at);
          return undefined;
        }
        if (event.type !== 'job' && event.type !== 'job-handler') return undefined;
        const info = workerInfoOf(tree.specAt(event.path));
        if (!info) return undefined;
        const crew = crewOf(event);
        const key = `${event.id} ${event.attempt}`;
        if (event.type === 'job') {
          if (event.status === 'started') started.set(`${event.path} ${key}`, event.at);
          else hear(crew, key, event, info);
          return undefined;
        }
        if (event.did !== 'begun') {
          crew.delete(key);
          return undefined;
        }
        const { timeoutMs, cancelWithinMs } = info.rules;
        const since = started.get(`${event.path} ${key}`) ?? event.at;
        crew.set(key, { event, until: since + timeoutMs + cancelWithinMs });
        const running = [...crew.values()].filter(({ until }) => event.at < until);
        const most = info.concurrency * info.batchSize;
        if (running.length <= most) return undefined;
        const message = `${running.length} jobs of ${event.path} run at ${event.at} ms; it may run ${most}.`;
        return crowded(event, message, ...running.map((each) => each.event));
      },
    };

    function callOff(crew: Map<string, Running>, id: string, at: number): void {
      for (const running of crew.values()) {
        if (running.event.id !== id) continue;
        const info = workerInfoOf(tree.specAt(running.event.path));
        if (info) running.until = Math.min(running.until, at + info.rules.cancelWithinMs);
      }
    }
  },
};

/** Nobody waits for an attempt that was lost for long, nor at all once its end is stored. */
function hear(
  crew: Map<string, Running>,
  key: string,
  { status, at }: JobEvent,
  { rules }: WorkerInfo,
): void {
  const running = crew.get(key);
  if (!running || status === 'progress' || status === 'added') return;
  if (status === 'lost') running.until = Math.min(running.until, at + rules.cancelWithinMs);
  else crew.delete(key);
}
