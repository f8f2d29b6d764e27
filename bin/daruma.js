#!/usr/bin/env node
// Old syntax on purpose: a Node that is too old must parse this file to be told so.
var needed = 24;
var found = process.versions.node;

if (parseInt(found, 10) >= needed) {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const { enableCompileCache, registerHooks } = process.getBuiltinModule('node:module');
  enableCompileCache();
  // The package has only dist; in the repository the sources run as they are.
  const source = new URL('../src/cli/main.ts', import.meta.url);
  const inRepository = existsSync(source);
  if (inRepository) useSources(registerHooks);
  void import(inRepository ? source.href : '../dist/src/cli/main.js');
} else {
  process.stderr.write(
    'daruma: this is Node ' + found + '; Node ' + needed + ' or newer is needed.\n',
  );
  process.exitCode = 2;
}

/** What a services file imports from 'daruma' is the copy that runs it. */
function useSources(registerHooks) {
  const entries = new Map([
    ['daruma', '../src/index.ts'],
    ['daruma/testing', '../src/testing/index.ts'],
  ]);
  registerHooks({
    resolve(specifier, context, next) {
      const entry = entries.get(specifier);
      return next(entry === undefined ? specifier : new URL(entry, import.meta.url).href, context);
    },
  });
}
