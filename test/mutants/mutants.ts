import { answering } from './list/answering.ts';
import { connecting } from './list/connecting.ts';
import { deciding } from './list/deciding.ts';
import { groups } from './list/groups.ts';
import { jobs } from './list/jobs.ts';
import { living } from './list/living.ts';
import { restarting } from './list/restarting.ts';
import { stopping } from './list/stopping.ts';
import type { Mutant } from './mutant.ts';

/** Bugs that the failure tests have to find, one at a time. */
export const mutants: readonly Mutant[] = [
  ...restarting,
  ...deciding,
  ...groups,
  ...stopping,
  ...living,
  ...connecting,
  ...answering,
  ...jobs,
];
