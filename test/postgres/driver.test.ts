import { afterAll, expect, it, vi } from 'vitest';
import { PostgresEngine } from '../../src/services/engine/postgres/postgres-engine.ts';

// Other files have loaded what is mocked here, and others are to find it as it is.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.resetModules();
});
vi.mock('pg', () => {
  throw new Error("Cannot find package 'pg'");
});

it('says what to install where the driver is missing', async () => {
  const engine = new PostgresEngine({
    url: 'postgres://127.0.0.1:1/app',
    schema: 'daruma',
    connectWithinMs: 10_000,
    maxPendingBytes: 1e6,
  });

  await expect(engine.submit([['revision.read', { owner: 'app' }]])).rejects.toMatchObject({
    failure: { code: 'DARUMA_STORAGE_UNUSABLE', hint: 'npm install pg' },
  });
  expect(engine.close()).toBeUndefined();
});
