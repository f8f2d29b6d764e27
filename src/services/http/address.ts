import { DarumaError } from '../../errors.ts';

/** The address of a server, as it is written into a browser. */
export function urlOf(host: string, port: number): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  return `http://${shown}:${port}`;
}

/** @param what what cannot be served: `The health pages` */
export function listenError(
  what: string,
  host: string,
  port: number,
  error: NodeJS.ErrnoException,
  path?: string,
): DarumaError {
  const message = `${what} cannot be served at ${host}:${port}: ${error.message}.`;
  const hint = hints[error.code ?? ''] ?? 'Choose another port or host, or port 0.';
  return new DarumaError('DARUMA_HTTP_LISTEN', message, {
    cause: error,
    hint,
    ...(path !== undefined && { path }),
  });
}

const hints: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'Something listens there already, perhaps another copy of this; port 0 takes a free one.',
  EACCES: 'Ports below 1024 need rights that this process does not have.',
  EADDRNOTAVAIL: 'This machine has no such address.',
};
