import {
  PostgresEngine,
  type PostgresEngineOptions,
} from '../../src/services/engine/postgres/postgres-engine.ts';
import { freshSchema, postgresUrl } from './postgres.ts';

/** It hears what other processes do. */
export async function openListening(
  given: Partial<PostgresEngineOptions> = {},
): Promise<PostgresEngine> {
  const engine = await openPostgres(given);
  const listening = new Promise<void>((resolve) => engine.watch('any', resolve));
  await engine.submit([['revision.read', { owner: 'nobody' }]]);
  await listening;
  return engine;
}

/** An engine on a schema of its own, unless one is given. */
export async function openPostgres(
  given: Partial<PostgresEngineOptions> = {},
): Promise<PostgresEngine> {
  return new PostgresEngine({
    url: await postgresUrl(),
    schema: freshSchema(),
    connectWithinMs: 10_000,
    maxPendingBytes: 1e8,
    ...given,
  });
}
