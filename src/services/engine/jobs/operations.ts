import { addingOperations } from './adding.ts';
import { claimingOperations } from './claiming.ts';
import { managingOperations } from './managing.ts';
import { queryOperations, queryReads } from './queries.ts';
import { settlingOperations, settlingReads } from './settling.ts';

export const jobOperations = {
  ...addingOperations,
  ...claimingOperations,
  ...settlingOperations,
  ...managingOperations,
  ...queryOperations,
};

export const jobReads = [...queryReads, ...settlingReads] as const;
