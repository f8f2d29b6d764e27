import type { TaskContext, TaskFunction, TaskWorker } from '../../services/tasks/types.ts';
import type { BodyFaultKind, ParamRange } from '../fault-kind.ts';
import type { FaultParams } from '../plan.ts';
import type { SimulatedBody } from '../simulated-body.ts';
import type { TreeInfo } from '../tree-info.ts';
import { errorOfShape, errorShapes } from './error-shapes.ts';

const count = { kind: 'integer', min: 1, max: 5 } as const;
const ms = { kind: 'ms', min: 0, max: 60_000 } as const;

function workers(tree: TreeInfo): readonly string[] {
  return tree
    .services()
    .filter(
      ({ spec }) =>
        'body' in spec && spec.body.kind === 'hooks' && spec.body.battery?.kind === 'tasks',
    )
    .map(({ path }) => path);
}

/** What a struck task does in place of its function. */
type Misdeed = (body: SimulatedBody, ctx: TaskContext, params: FaultParams) => unknown;

/** A fault of the next tasks that are submitted to a worker. */
function misbehaving(
  name: string,
  description: string,
  params: Readonly<Record<string, ParamRange>>,
  misdeed: Misdeed,
): BodyFaultKind {
  return {
    name,
    group: 'task',
    strikes: 'body',
    description,
    params: { count, ...params },
    isPossible: (tree) => workers(tree).length > 0,
    targets: workers,
    apply(body, given) {
      body.whenReady(() => {
        const instead: TaskFunction = (ctx) => misdeed(body, ctx, given);
        bendNext(body.value as TaskWorker, Number(given.count ?? 1), instead);
      });
    },
  };
}

/** Whoever submits a task to this worker gets another function, so many times. */
function bendNext(worker: TaskWorker, times: number, instead: TaskFunction): void {
  let left = times;
  for (const name of ['submit', 'submitWhenFree'] as const) {
    const submit = worker[name].bind(worker) as (...args: unknown[]) => unknown;
    const bent = (id: unknown, work: unknown, options: unknown) => {
      if (left === 0) return submit(id, work, options);
      left--;
      const isDefinition = typeof work === 'object' && work !== null;
      return submit(id, isDefinition ? { ...work, run: instead } : instead, options);
    };
    Object.defineProperty(worker, name, { value: bent, configurable: true });
  }
}

/** Calls back when the task is asked to stop; it looks at its signal for that. */
function whenAborted({ signal }: TaskContext, step: () => void): void {
  if (signal.aborted) step();
  else signal.addEventListener('abort', step, { once: true });
}

/** What can go wrong with the tasks of a worker. */
export const taskFaults: readonly BodyFaultKind[] = [
  misbehaving(
    'taskThrows',
    'The next tasks reject some time after they have begun.',
    { ms, error: errorShapes },
    (body, _ctx, { ms: afterMs, error }) =>
      new Promise((_resolve, reject) => {
        body.after(Number(afterMs ?? 0), () => reject(errorOfShape(error, 'task')));
      }),
  ),
  misbehaving(
    'taskThrowsSync',
    'The next tasks throw as soon as they begin.',
    { error: errorShapes },
    (_body, _ctx, { error }) => {
      throw errorOfShape(error, 'task');
    },
  ),
  misbehaving(
    'taskHangs',
    'The next tasks do not end before they are asked to.',
    {},
    (_body, ctx) =>
      new Promise((_resolve, reject) => whenAborted(ctx, () => reject(ctx.signal.reason))),
  ),
  misbehaving(
    'taskIgnoresSignal',
    'The next tasks never end, whoever asks.',
    {},
    () => new Promise(() => {}),
  ),
  misbehaving(
    'taskSettlesLate',
    'The next tasks return a result some time after they were asked to stop.',
    { ms },
    (body, ctx, { ms: afterMs }) =>
      new Promise((resolve) => {
        whenAborted(ctx, () => body.after(Number(afterMs ?? 10_000), () => resolve('late')));
      }),
  ),
];
