import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import root from '../../examples/watchtower/services.ts';
import { store } from '../../examples/watchtower/store.ts';
import { type Check, checked } from '../../examples/watchtower/topics.ts';
import {
  createSystem,
  type LifecycleEvent,
  type ReadyOf,
  type StopReport,
  type System,
  webhook,
} from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { tempFolder } from './temp-folder.ts';

const readings = { heapUsedBytes: 0, residentBytes: 0, cpuMs: 0, loopLagMs: 0, uptimeMs: 0 };

interface TowerOptions {
  /** Where it was before, to go on there. */
  readonly folder?: string;
  /** Who is told of incidents and alerts, beside the log. */
  readonly webhook?: string;
  /** What the time of day is. @default 2026-01-01 */
  readonly now?: number;
}

/** The watchtower with virtual time, a real file and a real network. */
export class Tower {
  readonly clock: VirtualClock;
  readonly events: LifecycleEvent[] = [];
  readonly checks: Check[] = [];
  readonly logs: { readonly actor: string; readonly msg: string }[] = [];
  readonly folder: string;
  readonly system: System<typeof root>;

  constructor(config: Readonly<Record<string, unknown>>, options: TowerOptions = {}) {
    const { folder = tempFolder(), now = Date.UTC(2026, 0, 1) } = options;
    this.folder = folder;
    this.clock = new VirtualClock(now);
    const write = (line: string) => void this.logs.push(JSON.parse(line));
    this.system = createSystem(root, {
      clock: this.clock,
      config: { watchtower: { report: folder, every: '1s', timeout: '30s', ...config } },
      env: {},
      http: { port: 0 },
      logger: pino({}, { write }),
      // The processor of a test is busy, and virtual time fast.
      metrics: { process: { read: () => readings, stop: () => {} } },
      notify: {
        alerts: true,
        ...(options.webhook !== undefined && { channels: [webhook(options.webhook)] }),
      },
      seed: 1,
      storage: { file: join(folder, 'tower.sqlite') },
    });
    this.system.events$.subscribe((event) => this.events.push(event));
    this.system.bus.on(checked, (check) => void this.checks.push(check));
  }

  static async start(
    config: Readonly<Record<string, unknown>>,
    options?: TowerOptions,
  ): Promise<Tower> {
    const tower = new Tower(config, options);
    onTestFinished(async () => void (await tower.stop()));
    await tower.done(tower.system.start());
    return tower;
  }

  /** In time of its own: what is between two attempts is finished first. */
  async stop(): Promise<StopReport> {
    const stopped = this.system.stop();
    let isDone = false;
    void stopped.then(() => {
      isDone = true;
    });
    await this.pass(() => isDone);
    return stopped;
  }

  /** Lets the world go on, while virtual time stands still, until this holds. */
  async until(condition: () => unknown): Promise<void> {
    while (!(await condition())) {
      await this.clock.settle();
      await setImmediate();
    }
  }

  /** Lets virtual time pass, faster than the real one, until this holds: files are real. */
  async pass(condition: () => unknown): Promise<void> {
    while (!(await condition())) {
      await this.clock.advance(20);
      await setTimeout(1);
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

  get store(): ReadyOf<typeof store> {
    const value = this.system.value(store);
    if (!value) throw new Error('The store is not running.');
    return value;
  }

  /** The checks of a target since the start. */
  seen(target: string): Check[] {
    return this.checks.filter((check) => check.target === target);
  }

  /** Everything that is stored of a target. */
  stored(target: string): Promise<Check[]> {
    return this.done(this.store.checksOf(target, 0));
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
  text = '';
  /** What was sent to it. */
  readonly posts: { readonly level?: string; readonly title?: string; readonly path?: string }[] =
    [];
  requests = 0;

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}/`;
  }

  /** How its target is called. */
  get name(): string {
    return new URL(this.url).host;
  }

  static async open(): Promise<Site> {
    const server = createServer((request, response) => {
      site.requests++;
      void text(request).then((body) => {
        if (body !== '') site.posts.push(JSON.parse(body));
        if (site.status !== undefined) response.writeHead(site.status).end(site.text);
      });
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
