import { isThenable } from '../../define/show.ts';
import type { ItemSpec, ServiceSpec } from '../../define/spec.ts';
import type { HandlerNote } from '../job-notes.ts';
import { workerInfoOf } from '../jobs.ts';
import type { SimulatedBody } from '../simulated-body.ts';

/** Looks at what batteries call again and again. */
export interface WorkWatch {
  /** The incarnation that is up at a path. */
  bodyAt(path: string): SimulatedBody | undefined;
  /** The handler of a worker was called, or is over. */
  handled(path: string, note: HandlerNote): void;
}

/** The same tree with faults around what its batteries call again and again. */
export function withBentWork<Spec extends ItemSpec>(
  spec: Spec,
  path: string,
  watch: WorkWatch,
): Spec {
  if (spec.kind === 'service') return bentService(spec, path, watch) as Spec;
  return {
    ...spec,
    children: spec.children.map((child) => withBentWork(child, `${path}/${child.name}`, watch)),
  };
}

function bentService(spec: ServiceSpec, path: string, watch: WorkWatch): ServiceSpec {
  const { body } = spec;
  const battery = body.kind === 'hooks' ? body.battery : undefined;
  const work = battery?.work;
  if (body.kind !== 'hooks' || !battery || !work) return spec;
  const isWorker = workerInfoOf(spec) !== undefined;
  const bent = (...given: [unknown, ...unknown[]]): unknown => {
    const call = () => work(...(given as Parameters<typeof work>));
    const bend = watch.bodyAt(path)?.bends.work;
    const bentCall = () => (bend ? bend(call, given[0]) : call());
    return isWorker ? watched(bentCall, jobsOf(given[0]), path, watch) : bentCall();
  };
  return { ...spec, body: { ...body, battery: { ...battery, work: bent } } };
}

type JobFacts = Pick<HandlerNote, 'queue' | 'id' | 'attempt'>;

/** What a handler was given: a job, or a batch of them. */
export function jobsOf(given: unknown): readonly JobFacts[] {
  return (Array.isArray(given) ? given : [given]) as readonly JobFacts[];
}

function watched(
  call: () => unknown,
  jobs: readonly JobFacts[],
  path: string,
  watch: WorkWatch,
): unknown {
  // A job that is over refuses most of what it is asked.
  const facts = jobs.map(({ queue, id, attempt }) => ({ queue, id, attempt }));
  const note = (did: HandlerNote['did']) => {
    for (const each of facts) watch.handled(path, { type: 'job-handler', did, ...each });
  };
  note('begun');
  try {
    const result = call();
    if (!isThenable(result)) {
      note('returned');
      return result;
    }
    return Promise.resolve(result).then(
      (value) => {
        note('returned');
        return value;
      },
      (error: unknown) => {
        note('threw');
        throw error;
      },
    );
  } catch (error) {
    note('threw');
    throw error;
  }
}
