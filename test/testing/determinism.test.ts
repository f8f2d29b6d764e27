import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const script = fileURLToPath(new URL('digest.ts', import.meta.url));

async function digest(drain: string, ...flags: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [...flags, script, '500', drain]);
  return stdout.trim();
}

describe('the digest over 500 generated plans', () => {
  it('is the same in two processes, with both drains and under pressure of memory', async () => {
    const first = await digest('sync');

    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await digest('sync')).toBe(first);
    expect(await digest('macrotask')).toBe(first);
    expect(await digest('sync', '--single-threaded', '--max-semi-space-size=1')).toBe(first);
  }, 120_000);
});
