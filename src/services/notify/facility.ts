import { type Notify, type NotifyOptions, notifyLevels } from '../../define/notify.ts';
import { isPlain } from '../../define/recorded.ts';
import { errorInfo, messageOf } from '../../events.ts';
import type { Facility } from '../../kernel/facilities.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Scope } from '../../kernel/scope.ts';
import { Alerts } from './alerts.ts';
import { Desk } from './desk.ts';
import { notifyOf, type Take, type Teller } from './live-notify.ts';
import { logChannel } from './log-channel.ts';
import type { Delivery } from './notification.ts';
import type { NotifySettings } from './options.ts';
import { type Attribute, Outbox } from './outbox.ts';

/** The notifications of a system, from whoever tells something to every channel. */
export class NotifyFacility implements Facility {
  readonly #kernel: Kernel;
  /** Made with the first delivery. */
  #leaving: AbortController | undefined;
  readonly #outboxes: readonly Outbox[];
  readonly #desk: Desk;
  readonly #alerts: Alerts | undefined;
  readonly #onClose: (() => void)[] = [];
  #outside: Notify | undefined;

  constructor(kernel: Kernel, { channels, desk, alerts }: NotifySettings) {
    this.#kernel = kernel;
    const { clock, journal, logger } = kernel;
    const leaving = () => {
      this.#leaving ??= new AbortController();
      return this.#leaving.signal;
    };
    const delivery: Delivery = {
      clock,
      random: () => kernel.random(),
      get signal() {
        return leaving();
      },
    };
    const fail = (error: unknown) => {
      journal.record(undefined, { type: 'stray-error', error: errorInfo(error) });
    };
    const attribute: Attribute = (call) => kernel.attribute({ fail }, call);
    this.#outboxes = (channels ?? [logChannel(logger)]).map(
      (channel) =>
        new Outbox(channel, delivery, attribute, ({ path }, happening) => {
          journal.record({ path, incarnation: 0 }, happening);
        }),
    );
    this.#desk = new Desk(clock, desk, (notification) => {
      for (const outbox of this.#outboxes) outbox.put(notification);
    });
    // What alerts tell is told once by themselves: a key of its own each time.
    let alertsTold = 0;
    this.#alerts =
      alerts &&
      new Alerts(kernel, alerts, (path, level, title, message) => {
        this.#take(path, title, message, { level, key: `alert ${++alertsTold}` });
      });
  }

  partOf(scope: Scope): Notify {
    const teller: Teller = {
      path: scope.path,
      assertAlive() {
        if (scope.isOver) throw scope.stale('notify');
      },
      get isOver() {
        return scope.cancelReason !== undefined;
      },
      onEnd: (callback) => void scope.onCancel(callback),
    };
    return notifyOf(this.#kernel.clock, teller, this.#take);
  }

  forSystem(path: string): Notify {
    this.#outside ??= notifyOf(
      this.#kernel.clock,
      {
        path,
        isOver: false,
        assertAlive: () => {},
        onEnd: (callback) => this.#onClose.push(callback),
      },
      this.#take,
    );
    return this.#outside;
  }

  /** Tells what was held back, and waits for what is on its way, up to a little before the limit. */
  close(limitMs: number): Promise<void> | undefined {
    this.#alerts?.close();
    for (const callback of this.#onClose.splice(0)) callback();
    this.#desk.close();
    const sending = this.#outboxes.flatMap((outbox) => outbox.idle() ?? []);
    if (sending.length === 0) return undefined;
    const { clock } = this.#kernel;
    const timer = clock.setTimeout(() => {
      this.#leaving?.abort(new Error('the system is leaving'));
    }, limitMs * 0.9);
    return Promise.all(sending).then(() => clock.clearTimeout(timer));
  }

  readonly #take: Take = (path, title, message, options) => {
    const given = isPlain(options) ? options : { level: options };
    const { key, data = {} }: NotifyOptions = given;
    const level = notifyLevels.find((known) => known === given.level) ?? 'info';
    const text = textOf(title) || 'Notification';
    this.#desk.take({
      level,
      title: text,
      message: textOf(message),
      path,
      key: key ?? `${path} ${level} ${text}`,
      time: this.#kernel.clock.now(),
      heldBack: 0,
      data,
    });
  };
}

function textOf(value: unknown): string {
  return value === undefined ? '' : messageOf(value);
}
