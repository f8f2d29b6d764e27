import type { AnyDefinition } from '../../../src/define/definition.ts';
import type { System } from '../../../src/index.ts';
import type { Act } from './plan.ts';
import type { World } from './world.ts';

/** Does to a system what a plan says. Every call is followed until it settles. */
export class Actor {
  readonly #world: World;
  readonly #system: System;
  readonly #signals: ReadonlySet<() => void>;
  readonly #spares: ReadonlyMap<string, AnyDefinition>;

  constructor(
    world: World,
    system: System,
    signals: ReadonlySet<() => void>,
    spares: ReadonlyMap<string, AnyDefinition>,
  ) {
    this.#world = world;
    this.#system = system;
    this.#signals = signals;
    this.#spares = spares;
  }

  act(act: Act): void {
    switch (act.fn) {
      case 'stopSystem':
        return this.#world.follow('stop', 'app', () => this.#system.stop());
      case 'signal':
        for (const heard of [...this.#signals]) heard();
        return;
      default:
        this.#callOn(act);
    }
  }

  #callOn(act: Exclude<Act, { fn: 'stopSystem' | 'signal' }>): void {
    const ref = this.#system.find(act.path);
    if (!ref) return;
    const { fn, path } = act;
    const follow = (call: () => unknown, child?: string) =>
      this.#world.follow(fn, path, call, child);
    switch (act.fn) {
      case 'stopChild':
        return follow(() => ref.stopChild(act.child), act.child);
      case 'restartChild':
        return follow(() => ref.restartChild(act.child), act.child);
      case 'removeChild':
        return follow(() => ref.removeChild(act.child), act.child);
      case 'startChild': {
        const { id } = act;
        const spare = id === undefined ? undefined : this.#spares.get(id);
        const child = spare ?? (id === undefined ? {} : { id });
        return follow(() => ref.startChild(child as never), id);
      }
      case 'watch':
        return follow(() => new Promise<void>((resolve) => ref.watch(() => resolve())));
      case 'ask':
        return follow(() => ref.ask('ping', undefined));
      case 'send':
        return follow(() => ref.send('ping', undefined));
      case 'whenReady':
        return follow(() => ref.whenReady());
      case 'start':
        return follow(() => ref.start());
      case 'stop':
        return follow(() => ref.stop());
      case 'restart':
        return follow(() => ref.restart());
    }
  }
}
