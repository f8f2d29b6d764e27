import { type Bus, type Context, service, supervisor, topic } from '../../../src/index.ts';
import { Lab, Puppet } from '../../kernel/lab.ts';

export const activity = topic<{ user: string; what: string }>('user.activity');
export const tick = topic<number>('clock.tick');
export const kept = topic<number>('clock.kept', { keep: 'last' });

/** A system of two services that the test holds in its hands, and the bus of each. */
export class Hall {
  readonly speaker = new Puppet();
  readonly listener = new Puppet();
  readonly lab: Lab<ReturnType<Hall['tree']>>;

  constructor() {
    this.lab = new Lab(this.tree());
  }

  tree() {
    return supervisor('app', [
      service('speaker', this.speaker.body),
      service('listener', { backoff: { jitter: 'none' } }, this.listener.body),
    ]);
  }

  async open(): Promise<this> {
    await this.lab.start();
    return this;
  }

  get speaking(): Bus {
    return (this.speaker.life.ctx as Context).bus;
  }

  get hearing(): Bus {
    return (this.listener.life.ctx as Context).bus;
  }

  /** Lets everything happen that is due. */
  settle(): Promise<void> {
    return this.lab.clock.settle();
  }

  emit(...values: number[]): Promise<void> {
    for (const value of values) this.speaking.emit(tick, value);
    return this.settle();
  }
}

/** A promise that the test settles. */
export function latch() {
  return Promise.withResolvers<void>();
}
