import type { Backstage } from '../../kernel/backstage.ts';
import { actorLabel } from '../metrics/lifecycle.ts';
import type { OpenSpan } from '../tracing/open-span.ts';
import { tracerOf } from '../tracing/traced.ts';
import type { Origin } from '../tracing/tracer.ts';

export interface Traced {
  readonly id: string;
  readonly backstage: Backstage;
  /** The name of its definition; undefined: it is a bare function. */
  readonly kind: string | undefined;
  /** Where it was submitted. */
  readonly origin: Origin | undefined;
}

/** The span of one attempt; undefined: nobody would hear of it. */
export function openSpan(task: Traced, attempt: number): OpenSpan | undefined {
  const { path, incarnation, kernel } = task.backstage;
  const tracer = tracerOf(kernel);
  if (!tracer?.isOn) return undefined;
  const attributes = {
    'daruma.path': path,
    'daruma.incarnation': incarnation,
    'daruma.task.id': task.id,
    'daruma.attempt': attempt,
  };
  return tracer.open(`task ${task.kind ?? actorLabel(kernel, path)}`, attributes, task.origin);
}
