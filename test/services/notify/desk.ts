import {
  type Channel,
  type Context,
  type Notification,
  type NotifyConfig,
  service,
  supervisor,
} from '../../../src/index.ts';
import { Lab, Puppet } from '../../kernel/lab.ts';

/** A system of one service whose notifications the test collects. */
export class Post {
  readonly puppet = new Puppet();
  readonly sent: Notification[] = [];
  readonly lab: Lab<ReturnType<Post['tree']>>;

  constructor(notify: NotifyConfig = {}) {
    const collect: Channel = { name: 'people', send: (each) => this.sent.push(each) };
    this.lab = new Lab(this.tree(), {
      notify: { channels: [collect], alerts: false, ...notify },
    });
  }

  tree() {
    return supervisor('app', { intensity: 3, period: '1h', whenExhausted: 'give-up' }, [
      service('backup', { backoff: { first: '1s', jitter: 'none', factor: 1 } }, this.puppet.body),
    ]);
  }

  async open(): Promise<this> {
    await this.lab.start();
    return this;
  }

  get ctx(): Context {
    return this.puppet.life.ctx as Context;
  }

  get titles(): string[] {
    return this.sent.map(({ title }) => title);
  }

  settle(): Promise<void> {
    return this.lab.clock.settle();
  }

  advance(ms: number): Promise<void> {
    return this.lab.clock.advance(ms);
  }
}

export const minute = 60_000;
