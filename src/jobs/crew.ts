import type { AnyActor } from 'xstate';
import { jobMachine } from '../../actors/job.ts';
import { queueMachine } from '../../actors/queue.ts';
import type { AttemptNews } from '../../actors/rules/job-hands.ts';
import type { QueueEvent, QueueHands, QueueStanding } from '../../actors/rules/queue-hands.ts';
import type { AnyQueue } from '../define/queue.ts';
import type { Backstage } from '../kernel/backstage.ts';
import { compileChart } from '../kernel/compiled-chart.ts';
import type { LiveContext } from '../kernel/live-context.ts';
import type { Engine } from '../services/engine/engine.ts';
import type { ClaimAnswer, Claimed } from '../services/engine/job-rows.ts';
import type { JobOffice } from './facility.ts';
import type { Places } from './handlers.ts';
import type { ScopeFactories } from './job.ts';
import { JobLife } from './job-life.ts';
import { keepMsOf } from './keep.ts';
import { Leases } from './leases.ts';
import { lossOf, settleStep } from './settlement.ts';
import type { Shop } from './shop.ts';
import { StandingReport } from './standing-report.ts';

/** There may be thousands of jobs, each of which tells the queue that its place is free. */
const jobChart = compileChart(jobMachine);
const queueChart = compileChart(queueMachine);

/** Of one claim, at most: more at once would hold up the event loop. */
const mostAtOnce = 500;

export interface CrewOptions {
  readonly backstage: Backstage;
  readonly base: LiveContext;
  readonly office: JobOffice;
  readonly queue: AnyQueue;
  readonly factories: ScopeFactories;
  readonly places: Places;
  /** Who it is, for people. */
  readonly holder: string;
}

/**
 * The jobs of one incarnation of a worker: claims them, begins them, and lets go of them.
 *
 * 1. Never more handlers run than there are places, those of abandoned attempts left out.
 * 2. What was claimed is begun, or given back at once.
 * 3. When a job is over, what became of it and the next claim go to the storage in the same turn.
 * 4. Nothing that a job does fails the worker.
 */
export class Crew implements QueueHands, Shop {
  readonly backstage: Backstage;
  readonly base: LiveContext;
  readonly office: JobOffice;
  readonly queue: AnyQueue;
  readonly factories: ScopeFactories;
  readonly holder: string;
  readonly submit: Engine['submit'];
  readonly #places: Places;
  readonly #leases: Leases;
  readonly #report: StandingReport;
  /** Those that are not over. */
  readonly #lives = new Set<JobLife>();
  /** Those that have a place. */
  readonly #placed = new Set<JobLife>();
  /** Those whose outcome could not be stored yet. */
  readonly #unsettled = new Set<JobLife>();
  #actor: AnyActor | undefined;
  #claims = 0;
  #isClosed = false;
  /** Until the news is passed on. */
  #news: unknown;
  /** Until its queue has heard that there is a free place. */
  #isFreedDue = false;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor({ backstage, base, office, queue, factories, places, holder }: CrewOptions) {
    this.backstage = backstage;
    this.base = base;
    this.office = office;
    this.queue = queue;
    this.factories = factories;
    this.#places = places;
    this.holder = holder;
    const engine = office.engine(backstage.path);
    this.submit = engine.submit.bind(engine);
    this.#report = new StandingReport(backstage, queue.name);
    this.#leases = new Leases(backstage.clock, queue.spec.leaseMs, this.submit);
    const unwatch = engine.watch(queue.name, () => this.#noteNews());
    backstage.onCancel(() => this.shutDown());
    backstage.onAbandon(() => this.#giveUp());
    backstage.waitFor(() => this.idle());
    backstage.defer(unwatch);
    const unwatchPlaces = places.watch?.(() => this.#tell({ type: 'freed' }));
    if (unwatchPlaces) backstage.defer(unwatchPlaces);
  }

  begin(): void {
    this.#actor = this.backstage.hire(queueChart, {
      id: `${this.backstage.path}.queue`,
      input: { hands: this },
    });
  }

  /** How many handlers run, or wait for others of their batch. */
  get running(): number {
    return this.#placed.size;
  }

  get standing(): QueueStanding {
    return this.#report.standing;
  }

  /** Claims nothing more; resolves when what runs has ended. */
  drain(): Promise<void> | undefined {
    this.#close();
    return this.idle();
  }

  /** Its end has begun: all are asked to stop at once, and have what the worker has. */
  shutDown(): void {
    this.#close();
    for (const life of this.#lives) life.stop();
  }

  /** Resolves when no job is left that is not over; undefined: none is. */
  idle(): Promise<void> | undefined {
    if (this.#isIdle) return undefined;
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  // For its charts.

  /** None while it cannot be stored what became of others. */
  get free(): number {
    return this.#unsettled.size > 0 ? 0 : this.#places.free;
  }

  claim(): void {
    this.#post(() => {
      const { spec, name } = this.queue;
      const { clock } = this.backstage;
      const limit = Math.min(mostAtOnce, this.free);
      const sentAt = clock.monotonic();
      const query = {
        queue: name,
        now: Math.floor(clock.now()),
        holder: this.holder,
        leaseMs: spec.leaseMs,
        limit,
        perKey: spec.perKey === Number.POSITIVE_INFINITY ? null : spec.perKey,
        rate: spec.rateLimit ?? null,
        keepDeadMs: keepMsOf(spec, 'dead'),
      };
      this.#claims++;
      this.submit([['jobs.claim', query]]).then(
        ([answer]) => this.#post(() => this.#answered(answer, limit, sentAt)),
        (error: unknown) => this.#post(() => this.#failed(error)),
      );
    });
  }

  report(standing: QueueStanding, error: unknown, delayMs: number): void {
    this.#post(() => this.#report.note(standing, error, delayMs));
  }

  call(life: JobLife): void {
    this.#places.call(life);
  }

  #answered({ jobs, lost, isPaused, nextAt }: ClaimAnswer, limit: number, sentAt: number): void {
    this.#claims--;
    for (const attempt of lost) this.backstage.record(lossOf(this.queue.name, attempt));
    // Somebody else may have what was claimed too long ago.
    const isLate = this.backstage.clock.monotonic() - sentAt >= this.queue.spec.leaseMs;
    if (this.#isClosed || isLate) this.#giveBack(jobs);
    else for (const claimed of jobs) this.#begin(claimed, sentAt);
    const now = this.backstage.clock.now();
    const nextInMs = nextAt === null ? Number.POSITIVE_INFINITY : Math.max(1, nextAt - now);
    const hasMore = jobs.length === limit;
    this.#tell({ type: 'answered', isPaused, hasMore, nextInMs });
    this.#lookWhetherIdle();
  }

  #failed(error: unknown): void {
    this.#claims--;
    this.#tell({ type: 'failed', error, random: this.backstage.random() });
    this.#lookWhetherIdle();
  }

  #begin(claimed: Claimed, sentAt: number): void {
    const { spec, name } = this.queue;
    const life = new JobLife(this, claimed, sentAt + spec.leaseMs);
    this.#lives.add(life);
    this.#placed.add(life);
    this.#places.take(life);
    this.#leases.add(life);
    this.office.roster.add(life);
    const actor = this.backstage.hire(jobChart, {
      id: `${name}.${claimed.id}.${claimed.fence}`,
      input: {
        hands: life,
        policy: spec,
        attempt: claimed.attempt,
        maxAttempts: claimed.maxAttempts,
      },
      onNews: (news) => this.#heard(life, news as AttemptNews),
    });
    life.employ(actor);
    this.#post(() => this.#places.admit(life));
  }

  #heard(life: JobLife, { stage }: AttemptNews): void {
    const isOver = stage === 'settled' || stage === 'left';
    if (isOver) {
      this.#lives.delete(life);
      this.#leases.remove(life);
      this.office.roster.remove(life);
    }
    if (stage === 'left') life.noteLost();
    if (stage === 'unsettled') this.#unsettled.add(life);
    if (isOver || stage === 'settling') this.#free(life, isOver);
    if (isOver) this.#lookWhetherIdle();
  }

  #free(life: JobLife, isOver: boolean): void {
    const hasPlace = this.#placed.delete(life);
    if (hasPlace) this.#places.leave(life);
    const wasUnsettled = isOver && this.#unsettled.delete(life);
    if (hasPlace || wasUnsettled) this.#tellFreed();
  }

  /** Once of all that end in one turn. */
  #tellFreed(): void {
    if (this.#isFreedDue) return;
    this.#isFreedDue = true;
    this.#tell({ type: 'freed' });
    this.#post(() => {
      this.#isFreedDue = false;
    });
  }

  /** Claimed, but nothing may begin any more. */
  #giveBack(jobs: readonly Claimed[]): void {
    if (jobs.length === 0) return;
    const now = Math.floor(this.backstage.clock.now());
    const steps = jobs.map((job) => settleStep(this.queue, job, now, { type: 'released' }, null));
    this.#claims++;
    const done = () => {
      this.#claims--;
      this.#lookWhetherIdle();
    };
    // What cannot be given back is found when its lease runs out.
    this.submit(steps).then(done, done);
  }

  /** After this turn: what is added in it is claimed together. */
  #noteNews(): void {
    if (this.#isClosed || this.#news !== undefined) return;
    this.#news = this.backstage.clock.setTimeout(() => {
      this.#news = undefined;
      this.#tell({ type: 'news' });
    }, 0);
  }

  #close(): void {
    if (this.#news !== undefined) this.backstage.clock.clearTimeout(this.#news);
    this.#news = undefined;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tell({ type: 'close' });
    this.#places.close();
  }

  /** Nobody waits any more: what is not over is left to its lease, at once. */
  #giveUp(): void {
    this.#close();
    for (const life of this.#lives) life.abandon();
  }

  get #isIdle(): boolean {
    return this.#lives.size === 0 && this.#claims === 0;
  }

  #lookWhetherIdle(): void {
    if (this.#isIdle) this.#idle?.resolve();
  }

  #tell(event: QueueEvent): void {
    if (this.#actor) this.backstage.tell(this.#actor, event);
  }

  #post(step: () => void): void {
    this.backstage.kernel.dispatcher.post(step);
  }
}
