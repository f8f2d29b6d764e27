import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { ledger } from '../../examples/watchtower/ledger.ts';
import type { Ledger, Overview } from '../../examples/watchtower/lib/ledger.ts';
import root from '../../examples/watchtower/services.ts';
import { createSystem, type LifecycleEvent, type System } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { tempFolder } from './temp-folder.ts';

/**
 * The watchtower with virtual time, real files and a real network. Time that jumps further than a
 * watchdog allows overtakes files that are being read and written: a test of that has them rest.
 */
export class Tower {
  readonly clock = new VirtualClock();
  readonly events: LifecycleEvent[] = [];
  readonly logs: { readonly actor: string; readonly msg: string }[] = [];
  readonly folder: string;
  readonly system: System<typeof root>;

  constructor(config: Readonly<Record<string, unknown>>, folder = tempFolder()) {
    this.folder = folder;
    const write = (line: string) => void this.logs.push(JSON.parse(line));
    this.system = createSystem(root, {
      clock: this.clock,
      config: { watchtower: { report: folder, every: '1s', ...config } },
      env: {},
      logger: pino({}, { write }),
      seed: 1,
    });
    this.system.events$.subscribe((event) => this.events.push(event));
  }

  static async start(config: Readonly<Record<string, unknown>>, folder?: string): Promise<Tower> {
    const tower = new Tower(config, folder);
    onTestFinished(async () => void (await tower.stop()));
    await tower.done(tower.system.start());
    return tower;
  }

  stop(): Promise<unknown> {
    return this.done(this.system.stop());
  }

  /** Lets the world go on, while virtual time stands still, until this holds. */
  async until(condition: () => unknown): Promise<void> {
    while (!(await condition())) {
      await this.clock.settle();
      await setImmediate();
    }
  }

  async done<Value>(promise: Promise<Value>): Promise<Value> {
    let isDone = false;
    const settled = promise.finally(() => {
      isDone = true;
    });
    settled.catch(() => {});
    await this.until(() => isDone);
    return settled;
  }

  get ledger(): Ledger {
    const value = this.system.value(ledger);
    if (!value) throw new Error('The ledger is not running.');
    return value;
  }

  get overview(): Overview {
    return this.ledger.overview(this.clock.now());
  }

  /** What was reported of a path, as its types. */
  typesAt(path: string): string[] {
    return this.events.filter((event) => event.path === path).map(({ type }) => type);
  }

  said(text: string): boolean {
    return this.logs.some(({ msg }) => msg.includes(text));
  }
}

/** A server that answers with `status`, or not at all when that is undefined. */
export class Site {
  readonly url: string;
  status: number | undefined = 200;
  requests = 0;

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}/`;
  }

  static async open(): Promise<Site> {
    const server = createServer((_request, response) => {
      site.requests++;
      if (site.status !== undefined) response.writeHead(site.status).end();
    });
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const site = new Site((server.address() as AddressInfo).port);
    return site;
  }
}
