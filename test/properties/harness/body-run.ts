import type { Context } from '../../../src/define/context.ts';
import type { BodyFact } from './log.ts';
import type { BodyPlan, ExitReason, Life, StartScript } from './plan.ts';
import { strayCalls } from './strays.ts';
import type { World } from './world.ts';

type Woken = ExitReason | 'in-time';

/** One body while it runs: it follows its script, and keeps the true record of what it does. */
export class BodyRun {
  readonly world: World;
  readonly ctx: Context;
  readonly plan: BodyPlan;
  readonly script: StartScript;
  readonly life: Life | undefined;
  readonly number: number;
  /** Ends it by itself, when it waits. */
  wake: ((reason: ExitReason) => void) | undefined;
  /** Its body, not just its start, is under way. */
  isLiving = false;
  #isOver = false;
  #isCancelled = false;
  #signal: AbortSignal | undefined;
  #onCancel: (() => void) | undefined;
  #stopBeating: (() => void) | undefined;

  constructor(
    world: World,
    ctx: Context,
    plan: BodyPlan,
    script: StartScript,
    life: Life | undefined,
  ) {
    this.world = world;
    this.ctx = ctx;
    this.plan = plan;
    this.script = script;
    this.life = life;
    this.number = world.runs.length;
    this.note('begins');
    this.#registerCleanup();
    if (plan.waits === 'sleep') return;
    this.#signal = ctx.signal;
    if (ctx.signal.aborted) this.cancelled();
    else ctx.signal.addEventListener('abort', () => this.cancelled());
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isSameSignal(): boolean {
    return this.#signal === undefined || this.#signal === this.ctx.signal;
  }

  note(what: BodyFact, detail?: string): void {
    const { path, incarnation } = this.ctx;
    this.world.log.add({
      kind: 'body',
      what,
      run: this.number,
      path,
      incarnation,
      ...(detail !== undefined && { detail }),
    });
  }

  cancelled(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.note('cancelled');
    this.#onCancel?.();
  }

  /** Its last statement. */
  ends(how: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.wake = undefined;
    this.#stopBeating?.();
    this.note('ends', how);
    const { strayAfter } = this.plan;
    if (strayAfter !== undefined) this.world.clock.later(strayAfter, () => strayCalls(this));
  }

  saysReady(): void {
    this.note('says-ready');
    const { spawns, beats } = this.plan;
    // Not inside an action of a machine: XState warns of that.
    if (spawns) queueMicrotask(() => this.spawn('w', spawns));
    if (beats !== false) this.#beat();
  }

  spawn(id: string, plan: BodyPlan): void {
    const { ctx, world } = this;
    world.follow('spawn', ctx.path, () => ctx.spawn(world.serviceOf('x', plan), { id }), id);
  }

  /** Waits for a time, for ever, or until it is woken; a cancellation ends it as scripted. */
  async wait(ms: number | undefined): Promise<Woken> {
    const { clock } = this.world;
    return await new Promise<Woken>((resolve, reject) => {
      let disarm = () => {};
      const done = (how: Woken) => {
        disarm();
        this.wake = undefined;
        this.#onCancel = undefined;
        resolve(how);
      };
      if (ms !== undefined) disarm = clock.later(ms, () => done('in-time'));
      this.wake = done;
      const giveWay = () => {
        disarm();
        this.wake = undefined;
        this.#giveWay().then(reject, reject);
      };
      if (this.#isCancelled) giveWay();
      else if (this.plan.waits === 'sleep') this.#sleep(giveWay);
      else this.#onCancel = giveWay;
    });
  }

  /** The body proper, from ready until its end. */
  async live(): Promise<void> {
    this.isLiving = true;
    const how = await this.wait(this.life?.after);
    this.leave(how === 'in-time' ? (this.life?.reason ?? 'normal') : how);
  }

  leave(reason: ExitReason): void {
    this.ends(reason);
    if (reason === 'error') throw new Error('scripted failure');
    if (reason === 'text') throw 'scripted text';
    if (reason === 'abort') throw Object.assign(new Error('not mine'), { name: 'AbortError' });
  }

  #sleep(giveWay: () => void): void {
    this.ctx.sleep('1h').then(
      () => {},
      () => {
        if (this.#isOver) return;
        this.cancelled();
        giveWay();
      },
    );
  }

  /** What it throws, after the time that the script takes for it. */
  async #giveWay(): Promise<unknown> {
    const script = this.plan.whenCancelled ?? 'ok';
    let thrown: unknown;
    try {
      await this.world.perform(script);
      thrown = this.ctx.signal.reason;
    } catch (error) {
      thrown = error;
    }
    this.ends('cancelled');
    return thrown;
  }

  #registerCleanup(): void {
    const { cleanup } = this.plan;
    if (cleanup === undefined) return;
    const step = (name: string, work: () => unknown) => async () => {
      this.note('cleanup-begins', name);
      try {
        await work();
      } finally {
        this.note('cleanup-ends', name);
      }
    };
    this.ctx.defer(step('outer', () => {}));
    this.ctx.defer(step('inner', () => this.world.perform(cleanup)));
  }

  #beat(): void {
    const { watchdog } = this.plan as { watchdog?: number };
    if (watchdog === undefined) return;
    const again = () => {
      if (this.#isOver) return;
      try {
        this.ctx.beat();
      } catch {
        // Revoked: strays look at that.
        return;
      }
      this.#stopBeating = this.world.clock.later(Math.max(1, watchdog / 2), again);
    };
    again();
  }
}
