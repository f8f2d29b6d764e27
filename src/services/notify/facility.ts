import type { Notify } from '../../define/notify.ts';
import type { Backstage } from '../../kernel/backstage.ts';
import type { Facility } from '../../kernel/facilities.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { Alerts } from './alerts.ts';
import { Desk } from './desk.ts';
import { notifyOf } from './live-notify.ts';
import type { NotifySettings } from './settings.ts';

/** The notifications of a system: what `ctx.notify` and `system.notify` are parts of. */
export class NotifyFacility implements Facility {
  readonly #kernel: Kernel;
  readonly #desk: Desk;
  readonly #alerts: Alerts | undefined;
  readonly #onClose: (() => void)[] = [];
  #outside: Notify | undefined;

  constructor(kernel: Kernel, settings: NotifySettings, rootPath: string) {
    this.#kernel = kernel;
    this.#desk = new Desk(kernel, settings, rootPath);
    this.#alerts = settings.alerts && new Alerts(kernel, this.#desk, settings.alerts);
  }

  partOf(backstage: Backstage): Notify {
    const { path, incarnation } = backstage;
    return notifyOf(this.#kernel.clock, this.#desk, {
      path,
      incarnation,
      mayNotify: () => {
        if (!backstage.isOver) return true;
        this.#recordLate(path, incarnation);
        return false;
      },
      onEnd: (callback) => {
        backstage.onCancel(callback);
      },
    });
  }

  /** For code outside the tree. */
  forSystem(path: string): Notify {
    this.#outside ??= notifyOf(this.#kernel.clock, this.#desk, {
      path,
      incarnation: 0,
      mayNotify: () => true,
      onEnd: (callback) => this.#onClose.push(callback),
    });
    return this.#outside;
  }

  close(limitMs: number): Promise<void> | undefined {
    this.#alerts?.end();
    for (const callback of this.#onClose.splice(0)) callback();
    return this.#desk.close(limitMs);
  }

  /** An incarnation that was abandoned has something to say; its successor says what is so now. */
  #recordLate(path: string, fromIncarnation: number): void {
    const place = this.#kernel.tree.get(path);
    if (place)
      this.#kernel.journal.record(place, { type: 'late', what: 'notify', fromIncarnation });
  }
}
