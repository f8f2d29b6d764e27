#!/usr/bin/env node
// Old syntax on purpose: a Node that is too old must parse this file to be told so.
var needed = 24;
var found = process.versions.node;

if (parseInt(found, 10) >= needed) {
  // The package has only dist; in the repository the sources run as they are.
  const source = new URL('../src/cli/main.ts', import.meta.url);
  const inRepository = process.getBuiltinModule('node:fs').existsSync(source);
  void import(inRepository ? source.href : '../dist/src/cli/main.js');
} else {
  process.stderr.write(
    'daruma: this is Node ' + found + '; Node ' + needed + ' or newer is needed.\n',
  );
  process.exitCode = 2;
}
