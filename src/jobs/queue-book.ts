import { formatDuration } from '../../actors/rules/duration.ts';
import type { AnyQueue, QueueSpec } from '../define/queue.ts';
import { show } from '../define/show.ts';
import { twoQueuesError } from './errors.ts';

/** The queues that a system has met, by name: under one name there is one way to try its jobs. */
export class QueueBook {
  readonly #queues = new Map<string, AnyQueue>();

  get(name: string): AnyQueue | undefined {
    return this.#queues.get(name);
  }

  /** @throws DARUMA_INVALID_QUEUE for a second one that is different */
  meet(path: string, queue: AnyQueue): void {
    const known = this.#queues.get(queue.name);
    if (known === queue) return;
    const difference = known && differenceOf(known.spec, queue.spec);
    if (known && difference !== undefined) throw twoQueuesError(path, known, queue, difference);
    if (!known) this.#queues.set(queue.name, queue);
  }
}

/** In what two queues differ, in words; undefined: they are the same. */
export function differenceOf(one: QueueSpec, other: QueueSpec): string | undefined {
  if (one.payload !== other.payload) return 'their payloads have different schemas';
  const [left, right] = [flat(one), flat(other)];
  const differences = Object.keys({ ...left, ...right }).filter(
    (name) => left[name] !== right[name],
  );
  if (differences.length === 0) return undefined;
  return differences
    .map(
      (name) => `${nameOf(name)} is ${textOf(name, left[name])} and ${textOf(name, right[name])}`,
    )
    .join(', ');
}

/** `{ 'keep.deadMs': 5000, ... }` */
function flat({ payload, ...spec }: QueueSpec): Record<string, unknown> {
  const entries = Object.entries(spec).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([inner, each]) => [`${name}.${inner}`, each])
      : [[name, value]],
  );
  return Object.fromEntries(entries);
}

function nameOf(name: string): string {
  return name.replace(/Ms$/, '');
}

function textOf(name: string, value: unknown): string {
  if (name.endsWith('Ms') && typeof value === 'number') return formatDuration(value);
  return value === undefined ? 'not given' : show(value);
}
