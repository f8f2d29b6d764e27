import { describe, expect, it } from 'vitest';
import { codeOnly, filesBelow, importsOf, lineAt, read } from './source.ts';

const time = [
  'Date.now',
  'new Date()',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'AbortSignal.timeout',
];
const randomness = ['Math.random', 'crypto'];
const world = [...time, ...randomness, 'console', 'process', 'globalThis'];

/** The doors: the only files of src/kernel and src/define that touch these globals. */
const doors: Readonly<Record<string, readonly string[]>> = {
  'src/kernel/clock.ts': time,
  'src/kernel/random.ts': randomness,
  'src/kernel/host-process.ts': ['process'],
  'src/kernel/attribution.ts': ['process'],
};

const patternOf = (name: string): string =>
  name === 'new Date()' ? String.raw`new\s+Date\b\s*(?:\(\s*\)|(?!\s*\())` : `${name}\\b`;
// A member of something else (`clock.setTimeout`) is no global; a spread (`...process.argv`) is.
const globals = new RegExp(`(?<![\\w$]|(?<!\\.\\.)\\.)(?:${world.map(patternOf).join('|')})`, 'g');

const nameOf = (text: string): string => (text.startsWith('new') ? 'new Date()' : text);

/** Whether a method, property, or parameter of that name is declared here rather than used. */
function isDeclared(code: string, start: number, end: number): boolean {
  if (!/(?:[{,;}(]|\breadonly|\basync)\s*$/.test(code.slice(0, start))) return false;
  let at = end;
  for (let depth = 0; at < code.length; at++) {
    if (code[at] === '(') depth++;
    else if (code[at] === ')') depth--;
    if (depth <= 0 && !/[\s()]/.test(code[at] as string)) break;
    if (depth < 0) break;
  }
  return /^\??[:{]/.test(code.slice(at));
}

function faultsIn(file: string, source: string): string[] {
  const code = codeOnly(source);
  const allowed = doors[file] ?? [];
  const uses = [...code.matchAll(globals)]
    .filter((use) => !isDeclared(code, use.index, use.index + use[0].length))
    .map((use) => ({ name: nameOf(use[0]), line: lineAt(code, use.index) }))
    .filter(({ name }) => !allowed.includes(name));
  const builtins = file.startsWith('actors/')
    ? importsOf(source)
        .filter(({ specifier }) => specifier.startsWith('node:'))
        .map(({ specifier, line }) => ({ name: specifier, line }))
    : [];
  return [...uses, ...builtins].map(({ name, line }) => `${file}:${line} uses ${name}`);
}

describe('purity', () => {
  it('holds: actors use no clock, randomness, console or process', () => {
    const files = filesBelow('actors', /\.ts$/);

    expect(files.flatMap((file) => faultsIn(file, read(file)))).toEqual([]);
  });

  it('holds: the kernel and the definitions touch the world only through their doors', () => {
    const files = ['src/kernel', 'src/define'].flatMap((folder) => filesBelow(folder, /\.ts$/));

    expect(files.flatMap((file) => faultsIn(file, read(file)))).toEqual([]);
  });

  it.each([
    ['actors/a.ts', 'const at = Date.now();', 'Date.now'],
    ['actors/a.ts', 'const at = new Date();', 'new Date()'],
    ['actors/a.ts', 'const at = performance.now();', 'performance'],
    ['actors/a.ts', 'const x = Math.random();', 'Math.random'],
    ['actors/a.ts', 'const x = crypto.randomUUID();', 'crypto'],
    ['actors/a.ts', 'setTimeout(() => { done(); }, 5);', 'setTimeout'],
    ['actors/a.ts', 'const t = { later: setInterval(f, 1) };', 'setInterval'],
    ['actors/a.ts', 'setImmediate(f);', 'setImmediate'],
    ['actors/a.ts', 'queueMicrotask(f);', 'queueMicrotask'],
    ['actors/a.ts', 'const s = AbortSignal.timeout(5);', 'AbortSignal.timeout'],
    ['actors/a.ts', '`${console.log(1)}`', 'console'],
    ['actors/a.ts', 'f(...process.argv);', 'process'],
    ['actors/a.ts', 'const it = { process };', 'process'],
    ['actors/a.ts', 'const it = quick ? process : other;', 'process'],
    ['actors/a.ts', 'globalThis.x = 1;', 'globalThis'],
    ['actors/a.ts', "import fs from 'node:fs';", 'node:fs'],
    ['src/kernel/tree.ts', 'setTimeout(f, 5);', 'setTimeout'],
    ['src/kernel/clock.ts', 'console.log(Date.now());', 'console'],
    ['src/kernel/random.ts', 'process.exit();', 'process'],
    ['src/kernel/host-process.ts', 'Date.now();', 'Date.now'],
  ])('catches in %s: %s', (file, source, name) => {
    expect(faultsIn(file, source)).toEqual([`${file}:1 uses ${name}`]);
  });

  it.each([
    ['actors/a.ts', "// Date.now()\n/* console */ const x = 'process.exit()';"],
    ['actors/a.ts', 'const at = new Date(atMs);'],
    ['actors/a.ts', 'clock.setTimeout(f, 5); queue.process(); const processed = 1;'],
    ['src/kernel/tree.ts', 'class Clock { setTimeout(f: () => void, ms: number): Id { f(); } }'],
    ['src/kernel/tree.ts', 'interface Clock { readonly process: Id; setTimeout(f: F): Id; }'],
    ['src/kernel/clock.ts', 'setTimeout(() => Date.now(), performance.now());'],
    ['src/kernel/random.ts', 'Math.random();'],
    ['src/kernel/host-process.ts', "process.on('SIGTERM', f);"],
    ['src/kernel/tree.ts', "import { AsyncLocalStorage } from 'node:async_hooks';"],
  ])('allows in %s: %s', (file, source) => {
    expect(faultsIn(file, source)).toEqual([]);
  });
});
