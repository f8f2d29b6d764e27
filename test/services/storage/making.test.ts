import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../../src/services/engine/database.ts';
import { openFile } from '../../../src/services/engine/open-file.ts';

/** Called after each look at a file, before anything is made of it. */
let afterLook: () => void = () => {};

// Other files have loaded what is mocked here, and others are to find it as it is.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.resetModules();
});
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  const statSync = (...args: Parameters<typeof fs.statSync>) => {
    const found = fs.statSync(...args);
    afterLook();
    return found;
  };
  return { ...fs, statSync };
});

const folder = mkdtempSync(join(tmpdir(), 'daruma-making-'));
const open: Database[] = [];

afterEach(() => {
  afterLook = () => {};
  for (const database of open.splice(0)) database.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As another process does, with something in its log. */
function makeWhole(file: string): void {
  const database = openFile({ file, busyTimeoutMs: 1_000 });
  open.push(database);
  database.run("INSERT INTO revision (owner, revision) VALUES ('app', 1)");
}

describe('a new file', () => {
  it.each([1, 2])('may be made whole by another process after look %i at it', (look) => {
    const file = join(folder, `${look}.sqlite`);
    let looks = 0;
    afterLook = () => {
      if (++looks !== look) return;
      afterLook = () => {};
      makeWhole(file);
    };
    const database = openFile({ file, busyTimeoutMs: 1_000 });
    open.push(database);

    expect(looks).toBe(look);
    expect(database.get('SELECT revision FROM revision')).toEqual({ revision: 1 });
  });
});
