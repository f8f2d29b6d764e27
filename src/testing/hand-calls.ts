import type { AnySupervisor } from '../define/definition.ts';
import type { SupervisorRef } from '../kernel/ref.ts';
import type { System } from '../services/system.ts';

/** What may be called by hand: on a place itself, or, to start a child, on what it is to be in. */
export type HandCall = 'start' | 'stop' | 'restart' | 'startChild';

/** Why a call was not done. */
export interface HandRefusal {
  /** The code of the error, or its name; `absent`: there is nothing at that path. */
  readonly refusal: string;
}

/**
 * @param system undefined: its process is dead
 * @param answered told once: with what the call was refused or failed, or with nothing
 */
export function callByHand(
  system: System<AnySupervisor> | undefined,
  call: HandCall,
  path: string,
  answered: (refusal?: HandRefusal) => void,
): void {
  const done = system && ask(system, call, path);
  if (!done) return answered({ refusal: 'absent' });
  done.then(
    () => answered(),
    (error: unknown) => answered({ refusal: nameOf(error) }),
  );
}

function ask(
  system: System<AnySupervisor>,
  call: HandCall,
  path: string,
): Promise<unknown> | undefined {
  if (call !== 'startChild') return system.find(path)?.[call]();
  const end = path.lastIndexOf('/');
  const pool = system.find(path.slice(0, end)) as SupervisorRef | undefined;
  return pool?.startChild({ id: path.slice(end + 1) });
}

function nameOf(error: unknown): string {
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'error';
}
