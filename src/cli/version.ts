import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** What of its package.json the package needs to know of itself. */
export interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The package.json of this package, from its sources as from its build. */
export function manifest(): Manifest {
  const path = findPackageJSON('..', import.meta.url);
  return JSON.parse(readFileSync(path ?? '', 'utf8')) as Manifest;
}
