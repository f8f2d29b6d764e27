import { type Duration, formatDuration } from '../../../actors/rules/duration.ts';
import type { NotifyLevel } from '../../define/notify.ts';
import { describe } from '../../describe.ts';
import type { LifecycleEvent } from '../../events.ts';
import { toMs } from '../../kernel/durations.ts';
import type { Kernel } from '../../kernel/kernel.ts';

export interface AlertOptions {
  /** How long after an alert it is told again while nothing is better. @default '1h' */
  readonly remindAfter?: Duration;
  /** So many restarts within `restartsWithin` are an alert; Infinity: never. @default 5 */
  readonly restarts?: number;
  /** @default '10m' */
  readonly restartsWithin?: Duration;
}

/** Tells something about a path, whatever was told before. */
export type Tell = (path: string, level: NotifyLevel, title: string, message: string) => void;

interface Trouble {
  readonly title: string;
  message: string;
  readonly level: NotifyLevel;
  readonly since: number;
  timer: unknown;
}

/**
 * Watches the tree, and tells once when something goes wrong, again as a reminder while it lasts, and
 * once when it is well again. What repeats in between is not told.
 */
export class Alerts {
  readonly #kernel: Kernel;
  readonly #tell: Tell;
  readonly #remindAfterMs: number;
  readonly #restarts: number;
  readonly #restartsWithinMs: number;
  /** By kind and path. */
  readonly #troubles = new Map<string, Trouble>();
  readonly #restartTimes = new Map<string, number[]>();
  readonly #calm = new Map<string, unknown>();

  constructor(kernel: Kernel, options: AlertOptions, tell: Tell) {
    this.#kernel = kernel;
    this.#tell = tell;
    this.#remindAfterMs = toMs(options.remindAfter ?? '1h');
    this.#restarts = options.restarts ?? 5;
    this.#restartsWithinMs = toMs(options.restartsWithin ?? '10m');
    kernel.journal.listen((event) => this.#note(event));
  }

  close(): void {
    const { clock } = this.#kernel;
    for (const { timer } of this.#troubles.values()) clock.clearTimeout(timer);
    for (const timer of this.#calm.values()) clock.clearTimeout(timer);
  }

  #note(event: LifecycleEvent): void {
    const { path, type } = event;
    switch (type) {
      case 'failed':
        return this.#begin('failed', path, 'error', `${path} was given up`, describe(event));
      case 'ready':
        return this.#end('failed', path, `${path} is back`);
      case 'health':
        return this.#noteHealth(event);
      case 'backoff':
        return this.#noteRestart(path);
      case 'storage-failed':
        return this.#begin('storage', path, 'error', 'Nothing can be stored', describe(event));
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
    const kinds = ['degraded', 'unhealthy'] as const;
    const kindOf = (level: string) => `${level} ${check ?? ''}`;
    for (const kind of kinds) {
      if (kind === status) continue;
      // From bad to worse is no recovery.
      if (status === 'healthy') this.#end(kindOf(kind), path, `${what} is healthy again`);
      else this.#drop(kindOf(kind), path);
    }
    if (status === 'healthy') return;
    const level = status === 'unhealthy' ? 'error' : 'warning';
    this.#begin(kindOf(status), path, level, `${what} is ${status}`, event.reason ?? '');
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
      this.#begin('restarts', path, 'warning', `${path} keeps failing`, message);
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

  #begin(kind: string, path: string, level: NotifyLevel, title: string, message: string): void {
    const id = `${kind} ${path}`;
    const known = this.#troubles.get(id);
    if (known) {
      known.message = message;
      return;
    }
    const since = this.#kernel.clock.monotonic();
    const trouble: Trouble = { title, message, level, since, timer: undefined };
    this.#troubles.set(id, trouble);
    this.#tell(path, level, title, message);
    this.#remind(path, trouble);
  }

  #remind(path: string, trouble: Trouble): void {
    const { clock } = this.#kernel;
    trouble.timer = clock.setTimeout(() => {
      const lasted = formatDuration(Math.round(clock.monotonic() - trouble.since));
      const message = trouble.message === '' ? '' : `: ${trouble.message}`;
      this.#tell(path, trouble.level, trouble.title, `for ${lasted} now${message}`);
      this.#remind(path, trouble);
    }, this.#remindAfterMs);
  }

  #end(kind: string, path: string, title: string): void {
    const trouble = this.#drop(kind, path);
    if (!trouble) return;
    const lasted = formatDuration(Math.round(this.#kernel.clock.monotonic() - trouble.since));
    this.#tell(path, 'success', title, `after ${lasted}`);
  }

  #drop(kind: string, path: string): Trouble | undefined {
    const id = `${kind} ${path}`;
    const trouble = this.#troubles.get(id);
    if (!trouble) return undefined;
    this.#troubles.delete(id);
    this.#kernel.clock.clearTimeout(trouble.timer);
    return trouble;
  }

  /** Of what is not part of the tree any more nothing is told. */
  #forget(path: string): void {
    for (const id of [...this.#troubles.keys()]) {
      const kind = id.slice(0, id.lastIndexOf(' '));
      if (id === `${kind} ${path}`) this.#drop(kind, path);
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
