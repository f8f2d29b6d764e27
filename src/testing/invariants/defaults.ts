import type { Invariant } from '../invariant.ts';
import { storageInvariants } from './storage.ts';
import { supervisionInvariants } from './supervision.ts';

/** What is looked at where nobody says otherwise: what supervision keeps, and what storage keeps. */
export const defaultInvariants: readonly Invariant[] = [
  ...supervisionInvariants,
  ...storageInvariants,
];
