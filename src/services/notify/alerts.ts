import {
  type AlertPolicy,
  type AlertState,
  lookAt,
  quiet,
  type Severity,
} from '../../../actors/rules/alert.ts';
import { type Duration, formatDuration } from '../../../actors/rules/duration.ts';
import type { NotifyLevel } from '../../define/notify.ts';
import { describe } from '../../describe.ts';
import type { LifecycleEvent } from '../../events.ts';
import { toMs } from '../../kernel/durations.ts';
import type { Kernel } from '../../kernel/kernel.ts';

export interface AlertOptions {
  /** How long after an alert it is told again while nothing is better. @default '1h' */
  readonly remindAfter?: Duration;
  /**
   * How long after an alert what comes back is not told again; if it is wrong after that, it is.
   * @default '15m'
   */
  readonly cooldown?: Duration;
  /** So many restarts within `restartsWithin` are an alert; Infinity: never. @default 5 */
  readonly restarts?: number;
  /** @default '10m' */
  readonly restartsWithin?: Duration;
}

/** Tells something about a path, whatever was told before. */
export type Tell = (path: string, level: NotifyLevel, title: string, message: string) => void;

/** Something that is wrong at a path, or was. */
interface Trouble {
  readonly path: string;
  state: AlertState;
  severity: Severity;
  title: string;
  message: string;
  timer: unknown;
}

const levels = { 1: 'warning', 2: 'error' } as const;
/** Troubles that are known at once; above so many the oldest is forgotten. */
const mostTroubles = 1_000;

/**
 * Watches the tree, and tells once when something goes wrong, again as a reminder while it lasts, and
 * once when it is well again. What repeats in between, or comes and goes, is not told.
 */
export class Alerts {
  readonly #kernel: Kernel;
  readonly #tell: Tell;
  readonly #policy: AlertPolicy;
  readonly #forgetJournal: () => void;
  readonly #restarts: number;
  readonly #restartsWithinMs: number;
  /** By kind and path. */
  readonly #troubles = new Map<string, Trouble>();
  readonly #restartTimes = new Map<string, number[]>();
  readonly #calm = new Map<string, unknown>();

  constructor(kernel: Kernel, options: AlertOptions, tell: Tell) {
    this.#kernel = kernel;
    this.#tell = tell;
    this.#policy = {
      cooldownMs: toMs(options.cooldown ?? '15m'),
      remindAfterMs: toMs(options.remindAfter ?? '1h'),
    };
    this.#restarts = options.restarts ?? 5;
    this.#restartsWithinMs = toMs(options.restartsWithin ?? '10m');
    this.#forgetJournal = kernel.journal.listen((event) => this.#note(event));
  }

  close(): void {
    const { clock } = this.#kernel;
    this.#forgetJournal();
    for (const { timer } of this.#troubles.values()) this.#clear(timer);
    for (const timer of this.#calm.values()) clock.clearTimeout(timer);
  }

  #note(event: LifecycleEvent): void {
    const { path, type } = event;
    switch (type) {
      case 'failed':
        return this.#begin('failed', path, 2, `${path} was given up`, event.error?.message ?? '');
      case 'ready':
        return this.#end('failed', path, `${path} is back`);
      case 'health':
        return this.#noteHealth(event);
      case 'backoff':
        return this.#noteRestart(path);
      case 'storage-failed':
        return this.#begin('storage', path, 2, 'Nothing can be stored', describe(event));
      case 'storage-opened':
        return this.#end('storage', path, 'Storage works again');
      case 'escalated':
        return this.#tell(path, 'error', `${path} gives up`, describe(event));
      case 'unstopped':
        return this.#tell(path, 'error', `${path} did not stop`, describe(event));
      case 'boot-timeout':
        return this.#tell(path, 'error', `${path} did not start`, describe(event));
      case 'dropped':
        return this.#forget(path);
      default:
    }
  }

  #noteHealth(event: Extract<LifecycleEvent, { type: 'health' }>): void {
    const { path, status, check } = event;
    const what = check === undefined ? path : `${path} (${check})`;
    const kind = `health ${check ?? ''}`;
    if (status === 'healthy') return this.#end(kind, path, `${what} is healthy again`);
    const severity = status === 'unhealthy' ? 2 : 1;
    return this.#begin(kind, path, severity, `${what} is ${status}`, event.reason ?? '');
  }

  /** Often enough to be told; well again when there was none for as long as they are counted. */
  #noteRestart(path: string): void {
    const { clock } = this.#kernel;
    const now = clock.monotonic();
    const within = this.#restartsWithinMs;
    const before = this.#restartTimes.get(path) ?? [];
    const times = [...before.filter((time) => now - time <= within), now];
    this.#restartTimes.set(path, times.slice(-this.#restarts));
    if (times.length >= this.#restarts) {
      const message = `${times.length} restarts within ${formatDuration(within)}`;
      this.#begin('restarts', path, 1, `${path} keeps failing`, message);
    }
    this.#forgetCalm(path);
    this.#calm.set(
      path,
      clock.setTimeout(() => {
        this.#restartTimes.delete(path);
        this.#calm.delete(path);
        this.#end('restarts', path, `${path} runs steadily again`);
      }, within + 1),
    );
  }

  #begin(kind: string, path: string, severity: Severity, title: string, message: string): void {
    const id = `${kind} ${path}`;
    const known = this.#troubles.get(id);
    const trouble = known ?? { path, state: quiet, severity, title, message, timer: undefined };
    if (!known) this.#add(id, trouble);
    Object.assign(trouble, { severity, title, message });
    this.#look(id, trouble);
  }

  #end(kind: string, path: string, title: string): void {
    const id = `${kind} ${path}`;
    const trouble = this.#troubles.get(id);
    if (!trouble) return;
    Object.assign(trouble, { severity: 0, title, message: '' });
    this.#look(id, trouble);
  }

  /** It has changed, or it is time to look again. */
  #look(id: string, trouble: Trouble): void {
    const { clock } = this.#kernel;
    const { path, severity, title } = trouble;
    const now = clock.monotonic();
    const { state, notice, lookAt: next } = lookAt(trouble.state, severity, now, this.#policy);
    trouble.state = state;
    this.#clear(trouble.timer);
    // What is well again is known for the cooldown: it may come back.
    const { cooldownMs } = this.#policy;
    const at = next ?? (state.toldAt === undefined ? now : state.toldAt + cooldownMs);
    trouble.timer = clock.setTimeout(
      () => (severity === 0 ? this.#forgetTrouble(id, trouble) : this.#look(id, trouble)),
      Math.max(0, at - now),
    );
    if (!notice) return;
    const lasted = formatDuration(Math.round(notice.forMs));
    if (severity === 0) return this.#tell(path, 'success', title, `after ${lasted}`);
    const isReminder = notice.kind === 'reminder';
    const details = trouble.message === '' ? '' : `: ${trouble.message}`;
    const message = isReminder ? `for ${lasted} now${details}` : trouble.message;
    return this.#tell(path, levels[severity], title, message);
  }

  #add(id: string, trouble: Trouble): void {
    const [oldest] = this.#troubles;
    if (oldest && this.#troubles.size >= mostTroubles) this.#forgetTrouble(...oldest);
    this.#troubles.set(id, trouble);
  }

  #forgetTrouble(id: string, { timer }: Trouble): void {
    this.#clear(timer);
    this.#troubles.delete(id);
  }

  #clear(timer: unknown): void {
    if (timer !== undefined) this.#kernel.clock.clearTimeout(timer);
  }

  /** Of what is not part of the tree any more nothing is told. */
  #forget(path: string): void {
    for (const [id, trouble] of [...this.#troubles]) {
      if (trouble.path === path) this.#forgetTrouble(id, trouble);
    }
    this.#forgetCalm(path);
    this.#restartTimes.delete(path);
  }

  #forgetCalm(path: string): void {
    const timer = this.#calm.get(path);
    if (timer === undefined) return;
    this.#kernel.clock.clearTimeout(timer);
    this.#calm.delete(path);
  }
}
