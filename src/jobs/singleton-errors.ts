import { show } from '../define/show.ts';
import { DarumaError } from '../errors.ts';

/** What the function of a singleton has returned. */
export function noWorkError(path: string, returned: unknown): DarumaError {
  return new DarumaError(
    'DARUMA_INVALID_BODY',
    `${path}: what it runs is ${show(returned)}; that is not a definition.`,
    { path, hint: "Return one: singleton('billing', (lease) => service('run', bill))." },
  );
}
