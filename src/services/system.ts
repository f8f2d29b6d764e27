import { hostname } from 'node:os';
import type { Bus } from '../define/bus.ts';
import type { AnySupervisor } from '../define/definition.ts';
import type { Jobs } from '../define/jobs.ts';
import type { Notify } from '../define/notify.ts';
import type { InSpan } from '../define/tracing.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { TreeNode } from '../kernel/node.ts';
import { System as KernelSystem, type SystemSeams } from '../kernel/system.ts';
import { type FacilityBends, facilitiesOf, type SystemFacilities } from './facilities.ts';
import { historyIsOffError } from './history/errors.ts';
import { HistoryFacility, type HistoryQuestion, type PastEvent } from './history/facility.ts';
import { readHistory } from './history/options.ts';
import { checksOf } from './http/readiness.ts';
import { HealthServer, type HttpAddress } from './http/server.ts';
import type { SystemMetrics } from './metrics/facility.ts';
import type { SystemOptions } from './system-options.ts';

/**
 * Makes a system of a definition. Everything is checked here, and nothing is started.
 *
 * @throws DefinitionError with every fault of the definition, each with its path.
 */
export function createSystem<Root extends AnySupervisor>(
  root: Root,
  options: SystemOptions = {},
): System<Root> {
  return new System(root, options);
}

/** @internal Where a simulation takes hold of a system. */
export interface Seams extends Omit<SystemSeams, 'facilities'> {
  readonly bends?: FacilityBends;
}

interface Parts {
  readonly kernel: Kernel;
  readonly facilities: SystemFacilities;
  readonly history: HistoryFacility | undefined;
  readonly server: HealthServer | undefined;
}

/** A tree of services that runs as one. Starts once, stops once. */
export class System<Root extends AnySupervisor = AnySupervisor> extends KernelSystem<Root> {
  readonly #parts: Parts;

  /** @internal Use `createSystem`. */
  constructor(root: Root, options: SystemOptions, { bends, ...seams }: Seams = {}) {
    let parts: Parts | undefined;
    const server = options.http && new HealthServer(() => this.#exhibit(), options.http);
    super(root, options, {
      facilities: (kernel) => {
        const facilities = facilitiesOf(kernel, options, bends);
        const history = historyOf(kernel, facilities, options, root.name);
        parts = { kernel, facilities, history, server };
        // The last is closed first: what goes on in the others until then is still kept.
        return {
          ...facilities,
          ...(server && { http: serving(server) }),
          ...(history && { history }),
        };
      },
      around: (part, place, call) => {
        const tracing = parts?.facilities.span;
        return tracing ? tracing.around(part, place, call) : call();
      },
      ...(server && { open: () => server.open() }),
      ...seams,
    });
    this.#parts = parts as unknown as Parts;
  }

  /** What is measured, for code outside the tree; its own measurements carry the path of the root. */
  get metrics(): SystemMetrics {
    return this.#parts.facilities.metrics.forSystem(this.path);
  }

  /** Tells people something, in the name of the root. */
  get notify(): Notify {
    return this.#parts.facilities.notify.forSystem(this.path);
  }

  /** Events between services, for code outside the tree; its subscriptions end when the tree is down. */
  get bus(): Bus {
    return this.#parts.facilities.bus.forSystem(this.path);
  }

  /** Calls code in a span of its own, in the name of the root. */
  get span(): InSpan {
    return this.#parts.facilities.span.forSystem(this.path);
  }

  /**
   * What has happened, the latest first: also in earlier lives of this process, and in others that
   * run the same root on the same storage.
   *
   * @throws DARUMA_HISTORY_OFF without `createSystem(app, { history: true })`; DARUMA_STORAGE_*
   */
  history(question?: HistoryQuestion): Promise<PastEvent[]> {
    const { history } = this.#parts;
    return history ? history.read(question) : Promise.reject(historyIsOffError(this.path));
  }

  /** Durable jobs, for code outside the tree such as the handlers of an HTTP server. */
  get jobs(): Jobs {
    return this.#parts.facilities.jobs.forSystem(this.path);
  }

  /** Where its health pages are; undefined where there are none, and before they are served. */
  get http(): HttpAddress | undefined {
    return this.#parts.server?.address;
  }

  #exhibit() {
    const root = this.#parts.kernel.tree.get(this.path) as TreeNode;
    return {
      phase: this.phase,
      checks: (excluded: readonly string[]) => checksOf(root, excluded),
      metrics: () => this.metrics.text(),
    };
  }
}

function historyOf(
  kernel: Kernel,
  { storage }: SystemFacilities,
  options: SystemOptions,
  system: string,
): HistoryFacility | undefined {
  const settings = readHistory(options.history);
  if (!settings) return undefined;
  const run = `${hostname()}:${process.pid}:${kernel.clock.now()}`;
  return new HistoryFacility(kernel, storage, settings, { system, run });
}

/** Not a part of any context; closed with those that are, once the tree is down. */
function serving(server: HealthServer) {
  return { partOf: () => undefined, close: () => server.close() };
}
