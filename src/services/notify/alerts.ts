import { type AlertNotice, type AlertState, lookAt, quiet } from '../../../actors/rules/alert.ts';
import { formatDuration } from '../../../actors/rules/duration.ts';
import { describe } from '../../describe.ts';
import type { LifecycleEvent } from '../../events.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { AlertRule, AlertSettings } from './alert-settings.ts';
import type { Desk } from './desk.ts';

/** Conditions that are watched at once: a tree may have a hundred thousand places. */
const mostConditions = 1_000;

/** Something that is wrong at a place, or was. */
interface Condition {
  readonly rule: AlertRule;
  readonly path: string;
  state: AlertState;
  timer: unknown;
  /** What people are told; of the latest event that says so. */
  text: string;
}

const headlines: Record<AlertRule, string> = {
  'given-up': 'is given up',
  escalated: 'has escalated',
  unhealthy: 'is not healthy',
  restarts: 'restarts too often',
};

/** Tells people of what goes wrong in a tree: when it begins, while it lasts, and when it is over. */
export class Alerts {
  readonly #kernel: Kernel;
  readonly #desk: Desk;
  readonly #settings: AlertSettings;
  /** By what is wrong and where. */
  readonly #conditions = new Map<string, Condition>();
  /** When each place was restarted, as far as that counts. */
  readonly #restarts = new Map<string, number[]>();
  readonly #forget: () => void;

  constructor(kernel: Kernel, desk: Desk, settings: AlertSettings) {
    this.#kernel = kernel;
    this.#desk = desk;
    this.#settings = settings;
    this.#forget = kernel.journal.listen((event) => this.#look(event));
  }

  /** Watches no more, and reminds nobody. */
  end(): void {
    this.#forget();
    for (const { timer } of this.#conditions.values()) this.#clear(timer);
    this.#conditions.clear();
    this.#restarts.clear();
  }

  #look(event: LifecycleEvent): void {
    const { path } = event;
    switch (event.type) {
      case 'failed':
        return this.#begins('given-up', path, describe(event));
      case 'escalated':
        return this.#begins('escalated', path, describe(event));
      case 'health':
        return this.#lookAtHealth(event);
      case 'backoff':
        return this.#countRestart(path, describe(event));
      case 'ready':
        // What its last incarnation said of its health went with that.
        for (const rule of ['given-up', 'escalated'] as const) this.#isOver(rule, path);
        return this.#forgetHealth(path);
      case 'dropped':
        return this.#drop(path);
      case 'phase':
        // What happens on the way down is meant to happen.
        if (event.phase !== 'booting' && event.phase !== 'running') this.end();
        return undefined;
      default:
        return undefined;
    }
  }

  #lookAtHealth(event: Extract<LifecycleEvent, { type: 'health' }>): void {
    const { path, status, check = '' } = event;
    const isBad = status === 'unhealthy' || status === this.#settings.health;
    if (isBad) this.#begins('unhealthy', path, describe(event), check);
    else this.#isOver('unhealthy', path, check);
  }

  #forgetHealth(path: string): void {
    for (const condition of [...this.#conditions.values()]) {
      if (condition.path === path && condition.rule === 'unhealthy') this.#set(condition, false);
    }
  }

  #countRestart(path: string, text: string): void {
    const { clock } = this.#kernel;
    const { restarts, withinMs } = this.#settings;
    const now = clock.monotonic();
    const recent = [...(this.#restarts.get(path) ?? []), now].filter((at) => at > now - withinMs);
    this.#restarts.set(path, recent.slice(-restarts - 1));
    if (recent.length > restarts) this.#begins('restarts', path, text);
  }

  #begins(rule: AlertRule, path: string, text: string, detail = ''): void {
    if (!this.#settings.rules.has(rule)) return;
    const key = `${rule} ${path} ${detail}`;
    let condition = this.#conditions.get(key);
    if (!condition) {
      if (this.#conditions.size >= mostConditions) this.#forgetOldest();
      condition = { rule, path, state: quiet, timer: undefined, text };
      this.#conditions.set(key, condition);
    }
    condition.text = text;
    this.#set(condition, true);
  }

  #isOver(rule: AlertRule, path: string, detail = ''): void {
    const condition = this.#conditions.get(`${rule} ${path} ${detail}`);
    if (condition) this.#set(condition, false);
  }

  #set(condition: Condition, holds: boolean): void {
    const { clock } = this.#kernel;
    const now = clock.monotonic();
    this.#clear(condition.timer);
    condition.timer = undefined;
    const {
      state,
      notice,
      lookAt: next,
    } = lookAt(condition.state, holds, now, this.#settings.cooldownMs);
    // Restarts are over when there have been none for a while: nothing else would say so.
    const calmAt = this.#calmAt(condition);
    const wakeAt = Math.min(next ?? Number.POSITIVE_INFINITY, holds ? calmAt : Infinity);
    condition.state = state;
    if (Number.isFinite(wakeAt)) {
      condition.timer = clock.setTimeout(() => {
        condition.timer = undefined;
        this.#set(condition, this.#calmAt(condition) > clock.monotonic());
      }, wakeAt - now);
    }
    if (notice) this.#tell(condition, notice);
  }

  /** Until when there were too many restarts; of the other rules, until somebody says otherwise. */
  #calmAt({ rule, path }: Condition): number {
    if (rule !== 'restarts') return Number.POSITIVE_INFINITY;
    const last = this.#restarts.get(path)?.at(-1);
    return last === undefined ? 0 : last + this.#settings.withinMs;
  }

  #tell({ rule, path, text }: Condition, notice: AlertNotice): void {
    const incarnation = this.#kernel.tree.get(path)?.incarnation ?? 0;
    const sender = { path, incarnation };
    const headline = `${path} ${headlines[rule]}`;
    if (notice.kind === 'recovered') {
      const message = `${headlines[rule]}: over after ${formatDuration(notice.forMs)}`;
      return this.#desk.alert(sender, `${path} has recovered`, message, 'success');
    }
    const title =
      notice.kind === 'raised' ? headline : `${headline}, for ${formatDuration(notice.forMs)} now`;
    const level = rule === 'unhealthy' || rule === 'restarts' ? 'warning' : 'error';
    return this.#desk.alert(sender, title, text, level);
  }

  #drop(path: string): void {
    this.#restarts.delete(path);
    for (const [key, condition] of this.#conditions) {
      if (condition.path === path) this.#remove(key, condition);
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#conditions;
    if (oldest) this.#remove(...oldest);
  }

  #remove(key: string, { timer }: Condition): void {
    this.#clear(timer);
    this.#conditions.delete(key);
  }

  #clear(timer: unknown): void {
    if (timer !== undefined) this.#kernel.clock.clearTimeout(timer);
  }
}
