import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOnly, filesBelow, type Import, importsOf, read } from './source.ts';

/** From the bottom up: a file may import its own layer and the layers below it. */
const layers: readonly (readonly string[])[] = [
  ['actors'],
  [
    'src/define',
    'src/happenings',
    'src/errors.ts',
    'src/events.ts',
    'src/describe.ts',
    'src/config.ts',
  ],
  ['src/kernel'],
  ['src/services', 'src/jobs', 'src/isolation'],
  ['src/inspect', 'src/dashboard', 'src/testing'],
  ['src/cli'],
];
const shared = new Set(['src/errors.ts', 'src/events.ts', 'src/describe.ts', 'src/config.ts']);
const index = 'src/index.ts';

const isIn = (file: string, part: string): boolean => file === part || file.startsWith(`${part}/`);
const layerOf = (file: string): number =>
  layers.findIndex((parts) => parts.some((part) => isIn(file, part)));

/** Why this import is not allowed, or undefined. */
function faultOf(file: string, { specifier, typeOnly }: Import): string | undefined {
  if (!specifier.startsWith('.')) {
    if (isIn(file, 'actors') && specifier !== 'xstate') return 'actors import only xstate';
    return /^daruma(\/|$)/.test(specifier) ? 'its own package is imported by path' : undefined;
  }
  const target = posix.join(posix.dirname(file), specifier);
  if (target === index)
    return isIn(file, 'src/cli') ? undefined : 'src/index.ts is for users and the command line';
  const layer = layerOf(target);
  if (layer === -1) return 'it belongs to no layer';
  if (file === index)
    return isIn(target, 'src/cli') || isIn(target, 'src/testing')
      ? 'src/index.ts re-exports neither the command line nor the testing tools'
      : undefined;
  if (layer > layerOf(file)) return 'it belongs to a layer above';
  if (shared.has(file) && isIn(target, 'src/define') && !typeOnly)
    return 'only types may come from src/define here';
  return undefined;
}

const reExport = /export\s+(?:type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s*from\s*(['"]) *\1;?/g;

function faultsIn(file: string, source: string): string[] {
  const faults = importsOf(source).flatMap((found) => {
    const fault = faultOf(file, found);
    return fault ? [`${file}:${found.line} imports ${found.specifier}: ${fault}`] : [];
  });
  if (file === index && codeOnly(source).replace(reExport, '').trim() !== '')
    faults.push(`${file} does more than re-export`);
  if (file !== index && layerOf(file) === -1) faults.push(`${file} belongs to no layer`);
  return faults;
}

describe('import direction', () => {
  it('holds for every file', () => {
    const files = ['actors', 'src'].flatMap((folder) => filesBelow(folder, /\.tsx?$/));

    expect(files.flatMap((file) => faultsIn(file, read(file)))).toEqual([]);
  });

  it.each([
    ['actors/service.ts', "import { x } from '../src/errors.ts';", 'a layer above'],
    ['actors/service.ts', "import { x } from 'rxjs';", 'only xstate'],
    ['actors/rules/a.ts', "import fs from 'node:fs';", 'only xstate'],
    ['src/define/a.ts', "import type { X } from '../kernel/x.ts';", 'a layer above'],
    ['src/errors.ts', "import { x } from './define/x.ts';", 'only types'],
    ['src/kernel/a.ts', "const x = await import('../services/x.ts');", 'a layer above'],
    ['src/jobs/a.ts', "export * from '../inspect/x.ts';", 'a layer above'],
    ['src/testing/a.ts', "import '../cli/main.ts';", 'a layer above'],
    ['src/kernel/a.ts', "import { x } from '../index.ts';", 'for users'],
    ['src/kernel/a.ts', "import { x } from 'daruma';", 'imported by path'],
    ['src/kernel/a.ts', "import { x } from '../../test/x.ts';", 'no layer'],
    ['src/stray.ts', '', 'no layer'],
    ['src/index.ts', "export * from './testing/index.ts';", 'neither'],
    ['src/index.ts', "export * from './errors.ts';\nexport const x = 1;", 'more than re-export'],
  ])('catches in %s: %s', (file, source, fault) => {
    expect(faultsIn(file, source)).toEqual([expect.stringContaining(fault)]);
  });

  it.each([
    ['actors/service.ts', "import { setup } from 'xstate';\nimport { x } from './rules/x.ts';"],
    ['src/errors.ts', "import type { X } from './define/x.ts';\nimport { y } from './events.ts';"],
    ['src/kernel/a.ts', "import { x } from '../../actors/x.ts';\nimport y from 'node:fs';"],
    ['src/jobs/a.ts', "import { x } from '../services/x.ts';"],
    ['src/cli/main.ts', "import { x } from '../index.ts';"],
    [
      'src/index.ts',
      "// why\nexport type { X } from './define/x.ts';\nexport { y } from './events.ts';",
    ],
  ])('allows in %s: %s', (file, source) => {
    expect(faultsIn(file, source)).toEqual([]);
  });
});
