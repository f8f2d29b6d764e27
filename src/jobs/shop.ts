import type { AnyQueue } from '../define/queue.ts';
import type { Backstage } from '../kernel/backstage.ts';
import type { LiveContext } from '../kernel/live-context.ts';
import type { Engine } from '../services/engine/engine.ts';
import type { JobOffice } from './facility.ts';
import type { ScopeFactories } from './job.ts';
import type { JobLife } from './job-life.ts';

/** What an attempt takes from its worker. */
export interface Shop {
  readonly backstage: Backstage;
  readonly base: LiveContext;
  readonly office: JobOffice;
  readonly queue: AnyQueue;
  readonly factories: ScopeFactories;
  /** Who it is, for people. */
  readonly holder: string;
  readonly submit: Engine['submit'];
  /** Its handler is to be called. */
  call(life: JobLife): void;
}
