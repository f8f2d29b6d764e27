import type { Bus } from '../../define/bus.ts';
import type { Facility } from '../../kernel/facilities.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Scope } from '../../kernel/scope.ts';
import { LiveBus } from './live-bus.ts';
import { OwnInboxes } from './own-inboxes.ts';
import { Outsider, type Party, partyOf } from './party.ts';
import type { BusProbe } from './probe.ts';
import { Switchboard } from './switchboard.ts';

/** The bus of a system: what `ctx.bus` and `system.bus` are parts of. */
export class BusFacility implements Facility {
  readonly #kernel: Kernel;
  readonly #switchboard: Switchboard;
  #outside: { readonly party: Outsider; readonly bus: Bus } | undefined;
  #isClosed = false;

  constructor(kernel: Kernel, probe?: BusProbe) {
    this.#kernel = kernel;
    this.#switchboard = new Switchboard(kernel, probe);
  }

  partOf(scope: Scope): Bus {
    const own = new OwnInboxes(() => {
      scope.waitFor(() => own.settled());
      scope.drainFirst(() => own.drained());
    });
    return this.#busOf(partyOf(scope), own);
  }

  /** For code outside the tree. */
  forSystem(path: string): Bus {
    if (this.#outside) return this.#outside.bus;
    const party = new Outsider(this.#kernel, path);
    const bus = this.#busOf(party, new OwnInboxes());
    this.#outside = { party, bus };
    if (this.#isClosed) party.end();
    return bus;
  }

  /** Everybody in the tree is down; what the code outside still waits for is called off. */
  close(): undefined {
    this.#isClosed = true;
    this.#outside?.party.end();
  }

  #busOf(party: Party, own: OwnInboxes): Bus {
    party.onEnd(() => {
      for (const inbox of own) inbox.end(false);
    });
    // The types of topics and handlers are those of the interface; here they are only passed on.
    return new LiveBus(this.#kernel, this.#switchboard, party, own) as Bus;
  }
}
