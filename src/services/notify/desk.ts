import type { Notification, NotificationLevel, NotifyOptions } from '../../define/notify.ts';
import { isPlain } from '../../define/recorded.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { sendToLog } from './log-channel.ts';
import { Outlet } from './outlet.ts';
import { RateLimit } from './rate-limit.ts';
import { Repetitions } from './repetitions.ts';
import { type NotifySettings, notificationLevels } from './settings.ts';

/** Where a notification comes from. */
export interface Sender {
  readonly path: string;
  readonly incarnation: number;
}

/** Notifications that a summary names. */
const mostNamed = 5;

/**
 * The way of every notification of a system: repetitions are counted, too many are held back, and
 * what is left goes to each channel on its own.
 */
export class Desk {
  readonly #kernel: Kernel;
  readonly #root: Sender;
  readonly #outlets: readonly Outlet[];
  readonly #repetitions: Repetitions;
  readonly #rateLimit: RateLimit;
  #ids = 0;
  #isClosed = false;

  constructor(kernel: Kernel, settings: NotifySettings, rootPath: string) {
    this.#kernel = kernel;
    this.#root = { path: rootPath, incarnation: 0 };
    this.#outlets = settings.channels.map((channel) => {
      const send = channel.send ?? sendToLog(kernel.logger);
      return new Outlet(kernel, channel, send, settings.queue);
    });
    const { limit, perMs, dedupeMs } = settings;
    this.#rateLimit = new RateLimit({
      limit,
      perMs,
      clock: kernel.clock,
      pass: (notification) => this.#deliver(notification),
      onHold: () =>
        kernel.journal.record(undefined, { type: 'notifications-held-back', limit, perMs }),
      summarize: (held, count) => this.#deliver(this.#summaryOf(held, count)),
    });
    this.#repetitions = new Repetitions(kernel.clock, dedupeMs, (notification) =>
      this.#rateLimit.put(notification),
    );
  }

  nextId(): string {
    return `n${++this.#ids}`;
  }

  /** Never throws, whatever it is given: it is called where something else has gone wrong. */
  notify(
    sender: Sender,
    id: string,
    title: unknown,
    message: unknown,
    options?: NotificationLevel | NotifyOptions,
  ): void {
    if (this.#isClosed) return;
    this.#repetitions.put(this.#make(sender, id, title, message, options));
  }

  /** Past the counting of repetitions: what has a cooldown of its own. */
  alert(sender: Sender, title: string, message: string, level: NotificationLevel): void {
    if (this.#isClosed) return;
    this.#rateLimit.put(this.#make(sender, this.nextId(), title, message, level));
  }

  /** Sends what waits for its time, and resolves when all is delivered or given up. */
  close(limitMs: number): Promise<void> | undefined {
    this.#repetitions.flush();
    this.#rateLimit.flush();
    this.#isClosed = true;
    const working = this.#outlets.flatMap((outlet) => outlet.settled() ?? []);
    for (const outlet of this.#outlets) outlet.end();
    if (working.length === 0) return undefined;
    const { clock } = this.#kernel;
    // A little earlier than whoever waits for it gives up, so that what is lost is reported.
    const timer = clock.setTimeout(() => {
      for (const outlet of this.#outlets) outlet.abort();
    }, limitMs * 0.9);
    return Promise.all(working).then(() => clock.clearTimeout(timer));
  }

  #deliver(notification: Notification): void {
    const { path, id, level, title, message } = notification;
    const happening = { type: 'notification', id, from: path, level, title, message } as const;
    // Whoever sent it may be over by now, so that it is no event of its incarnation.
    this.#kernel.journal.record(undefined, happening);
    for (const outlet of this.#outlets) outlet.put(notification);
  }

  #make(
    { path, incarnation }: Sender,
    id: string,
    title: unknown,
    message: unknown,
    given?: NotificationLevel | NotifyOptions,
  ): Notification {
    const options: NotifyOptions = isPlain(given) ? given : { level: given as NotificationLevel };
    const level = notificationLevels.find((known) => known === options.level) ?? 'info';
    const text = textOf(title);
    return {
      id,
      level,
      title: text,
      message: textOf(message),
      key: options.key ?? `${path} ${level} ${text}`,
      path,
      incarnation,
      time: this.#kernel.clock.now(),
      repeated: 0,
      ...(options.data !== undefined && { data: options.data }),
    };
  }

  #summaryOf(held: readonly Notification[], count: number): Notification {
    const titles = new Set(held.map(({ path, title }) => `${path}: ${title}`));
    const named = [...titles].slice(0, mostNamed);
    const more = titles.size > named.length || count > held.length ? ', and others' : '';
    const levels = held.map(({ level }) => level);
    const level = (['error', 'warning', 'success'] as const).find((each) => levels.includes(each));
    const title =
      count === 1 ? 'A notification was held back' : `${count} notifications were held back`;
    return this.#make(this.#root, this.nextId(), title, `${named.join(', ')}${more}`, level);
  }
}

function textOf(value: unknown): string {
  try {
    return String(value ?? '');
  } catch {
    return 'something that cannot be read';
  }
}
