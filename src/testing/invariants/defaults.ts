import type { Invariant } from '../invariant.ts';
import { busInvariants } from './bus.ts';
import { storageInvariants } from './storage.ts';
import { supervisionInvariants } from './supervision.ts';

/** What is looked at where nobody says otherwise: what supervision, storage and the bus keep. */
export const defaultInvariants: readonly Invariant[] = [
  ...supervisionInvariants,
  ...storageInvariants,
  ...busInvariants,
];
