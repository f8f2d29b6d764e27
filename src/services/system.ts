import type { AnySupervisor } from '../define/definition.ts';
import { System as KernelSystem, type SystemSeams } from '../kernel/system.ts';
import { facilitiesOf } from './facilities.ts';
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

/** A tree of services that runs as one. Starts once, stops once. */
export class System<Root extends AnySupervisor = AnySupervisor> extends KernelSystem<Root> {
  /** @internal Use `createSystem`. */
  constructor(root: Root, options: SystemOptions, seams: SystemSeams = {}) {
    super(root, options, { facilities: (kernel) => facilitiesOf(kernel, options), ...seams });
  }
}
