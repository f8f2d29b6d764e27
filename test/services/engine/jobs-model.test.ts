import fc from 'fast-check';
import { it } from 'vitest';
import { MemoryEngine } from '../../../src/services/engine/memory-engine.ts';
import { openPostgres } from '../../postgres/engines.ts';
import { runsOr, seed } from '../../properties/harness/holds.ts';
import { moves, perKeys, playJobs } from './job-property.ts';

const numRuns = runsOr(400);

it('does with jobs what the model does, whatever happens to them', {
  timeout: 600_000,
}, async () => {
  const engine = new MemoryEngine();
  const property = fc.asyncProperty(perKeys, moves, (perKey, played) =>
    playJobs(engine, perKey, played),
  );
  await fc.assert(property, { numRuns, seed });
});

it('does so in PostgreSQL', { timeout: 600_000 }, async () => {
  const engine = await openPostgres();
  const property = fc.asyncProperty(perKeys, moves, (perKey, played) =>
    playJobs(engine, perKey, played),
  );
  await fc.assert(property, { numRuns: Math.ceil(numRuns / 4), seed });
  await engine.close();
});
