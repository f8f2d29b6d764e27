import type { AnyRef } from '../kernel/ref.ts';

/** What may be called on a place by hand. */
export type HandCall = 'start' | 'stop' | 'restart';

/** Why a call was not done. */
export interface HandRefusal {
  /** The code of the error, or its name; `absent`: there is nothing at that path. */
  readonly refusal: string;
}

/** @param answered told once: with what the call was refused or failed, or with nothing */
export function callByHand(
  ref: AnyRef | undefined,
  call: HandCall,
  answered: (refusal?: HandRefusal) => void,
): void {
  if (!ref) return answered({ refusal: 'absent' });
  ref[call]().then(
    () => answered(),
    (error: unknown) => answered({ refusal: nameOf(error) }),
  );
}

function nameOf(error: unknown): string {
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'error';
}
