import { serviceMachine } from '../../actors/service.ts';
import { supervisorMachine } from '../../actors/supervisor.ts';
import { compileChart } from './compiled-chart.ts';

/** Every place in the tree has one, and each of its steps is taken by it. */
export const serviceChart: typeof serviceMachine = compileChart(serviceMachine);

/** Every failure goes through one, and some have a population below them. */
export const supervisorChart: typeof supervisorMachine = compileChart(supervisorMachine);
