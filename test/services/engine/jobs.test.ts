import { FileEngine } from '../../../src/services/engine/file-engine.ts';
import { MemoryEngine } from '../../../src/services/engine/memory-engine.ts';
import { openListening } from '../../postgres/engines.ts';
import { freshFile } from '../storage/keeper.ts';
import { jobContract } from './job-contract.ts';
import { queueContract } from './queue-contract.ts';

const limits = { busyTimeoutMs: 5_000, maxPendingBytes: 1e8 };

const adapters = [
  ['in memory', () => new MemoryEngine()],
  ['in a file', () => new FileEngine({ file: freshFile(), ...limits })],
  ['in PostgreSQL', () => openListening()],
] as const;

for (const [name, open] of adapters) {
  jobContract(name, open);
  queueContract(name, open);
}
