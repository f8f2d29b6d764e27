import type { Clock } from '../kernel/clock.ts';
import type { Engine } from '../services/engine/engine.ts';
import type { Standing } from '../services/engine/job-rows.ts';
import type { JobLife } from './job-life.ts';

/** Between a renewal that failed and the next, in milliseconds; with a short lease, a tenth of it. */
const longestRetryMs = 1_000;

/** After which a claim is looked at again about which the storage is just deciding. */
const lookAgainMs = 1_000;

/**
 * The claims of one worker, which it has to renew.
 *
 * 1. All are renewed together, every third of the lease, in one request.
 * 2. A claim is lost when the storage says so, and when it was not renewed before its lease ran out:
 *    counted from when the request was sent, so that nobody else can have it before.
 * 3. A request that takes its time is not sent a second time.
 */
export class Leases {
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #submit: Engine['submit'];
  readonly #lives = new Set<JobLife>();
  #timer: unknown;
  #timerAt = Number.POSITIVE_INFINITY;
  #renewAt = Number.POSITIVE_INFINITY;
  #isRenewing = false;

  constructor(clock: Clock, leaseMs: number, submit: Engine['submit']) {
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.#submit = submit;
  }

  add(life: JobLife): void {
    if (this.#lives.size === 0) this.#renewAt = life.leaseUntil - (this.#leaseMs * 2) / 3;
    this.#lives.add(life);
    this.#arm();
  }

  remove(life: JobLife): void {
    this.#lives.delete(life);
    // A timer that finds nothing to do is cheaper than one armed anew for every job.
    if (this.#lives.size === 0) this.#disarm();
  }

  #arm(): void {
    let at = this.#isRenewing ? Number.POSITIVE_INFINITY : this.#renewAt;
    for (const { leaseUntil } of this.#lives) at = Math.min(at, leaseUntil);
    if (this.#timer !== undefined && this.#timerAt <= at) return;
    this.#disarm();
    if (!Number.isFinite(at)) return;
    this.#timerAt = at;
    this.#timer = this.#clock.setTimeout(
      () => this.#look(),
      Math.max(1, at - this.#clock.monotonic()),
    );
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #look(): void {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.monotonic();
    for (const life of [...this.#lives]) {
      if (life.leaseUntil > now) continue;
      if (life.isCommitting) {
        life.leaseUntil = now + lookAgainMs;
        continue;
      }
      // Looked at no more: it is lost once.
      this.#lives.delete(life);
      life.lose();
    }
    if (now >= this.#renewAt && !this.#isRenewing) void this.#renew();
    if (this.#lives.size > 0) this.#arm();
  }

  async #renew(): Promise<void> {
    const lives = [...this.#lives];
    if (lives.length === 0) return;
    this.#isRenewing = true;
    const sentAt = this.#clock.monotonic();
    try {
      const claims = lives.map(({ claim: { id, fence } }) => ({ id, fence }));
      const now = Math.floor(this.#clock.now());
      const step = ['jobs.renew', { now, leaseMs: this.#leaseMs, claims }] as const;
      const [standings] = await this.#submit([step]);
      for (const [index, life] of lives.entries()) {
        this.#renewed(life, sentAt, standings[index] ?? 'gone');
      }
      this.#renewAt = sentAt + this.#leaseMs / 3;
    } catch {
      // Its worker finds out by itself that the storage is out of reach.
      this.#renewAt = this.#clock.monotonic() + Math.min(longestRetryMs, this.#leaseMs / 10);
    }
    this.#isRenewing = false;
    if (this.#lives.size > 0) this.#arm();
  }

  #renewed(life: JobLife, sentAt: number, standing: Standing): void {
    // It may have come to its end meanwhile.
    if (!this.#lives.has(life)) return;
    if (standing === 'gone') {
      if (life.isCommitting) return;
      this.#lives.delete(life);
      return life.lose();
    }
    life.leaseUntil = sentAt + this.#leaseMs;
    if (standing === 'cancelling') life.callOff();
  }
}
