import type { BusEvent } from '../../define/bus.ts';
import type { Entry } from './backlog.ts';
import type { Inbox } from './inbox.ts';
import type { Party } from './party.ts';

/** Where a simulation looks at what the bus does, and bends it. */
export interface BusProbe {
  emitted(party: Party, event: BusEvent): void;
  /** In place of the call of a handler. */
  handle(inbox: Inbox, entry: Entry, call: () => unknown): unknown;
  /** A handler has returned, or failed. */
  over(inbox: Inbox, entry: Entry, error: unknown): void;
  /** Whether a mailbox is to be full for this event, whatever is in it. */
  isFull(inbox: Inbox, event: BusEvent): boolean;
}
