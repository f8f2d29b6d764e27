import { afterEach } from 'vitest';
import type { Engine } from '../../../src/services/engine/engine.ts';
import { FileEngine } from '../../../src/services/engine/file-engine.ts';
import { MemoryEngine } from '../../../src/services/engine/memory-engine.ts';
import { freshFile } from '../storage/keeper.ts';

const open: Engine[] = [];

afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close();
});

function opened(engine: Engine): Engine {
  open.push(engine);
  return engine;
}

/** Every engine, each with nothing in it; closed after the test. */
export const engines: readonly (readonly [name: string, open: () => Engine])[] = [
  ['in memory', () => opened(new MemoryEngine())],
  [
    'in a file',
    () =>
      opened(
        new FileEngine({ file: freshFile(), busyTimeoutMs: 1_000, maxPendingBytes: 1024 * 1024 }),
      ),
  ],
];
