import type { Context } from '../../define/context.ts';
import type { ItemInfo } from './item.ts';

/**
 * What a handler or consumer is given beside the payload or result, one for each attempt: the context
 * of its service, with a signal, a cleanup and a logger of its own. It is revoked when the attempt is
 * over.
 */
export interface ItemContext<Declared = unknown, Config = unknown, Payload = unknown>
  extends Omit<Context<Declared, Config>, 'ready' | 'attempt' | 'input' | 'spawn'> {
  readonly item: ItemInfo<Payload>;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** The handler that it is, or whose result this is. */
  readonly handler: string;
  /**
   * Cancelled when the attempt takes longer than its timeout, when its service ends, and when it is
   * over. Made when it is first touched.
   */
  readonly signal: AbortSignal;
}
