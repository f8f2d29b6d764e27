import { fileURLToPath } from 'node:url';

/** Who called a function of ours: `/app/queues.ts:3:23`, or a word that says that nobody knows. */
export function callerOf(callee: (...args: never[]) => unknown): string {
  const here: { stack?: string } = {};
  // A test runner or a debugger may have replaced it.
  if (typeof Error.captureStackTrace === 'function') Error.captureStackTrace(here, callee);
  const [, first = ''] = (here.stack ?? '').split('\n');
  const place = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/.exec(first.trim())?.[1];
  if (place === undefined) return 'an unknown place';
  const [, url = '', position = ''] = /^(.*?)((?::\d+){1,2})$/.exec(place) ?? [];
  return (url.startsWith('file://') ? fileURLToPath(url) : url) + position;
}
