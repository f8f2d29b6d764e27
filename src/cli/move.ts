import { EngineError } from '../services/engine/engine.ts';
import { type LastingPlace, move } from '../services/engine/move/move.ts';
import { readStorage } from '../services/storage/options.ts';
import { storageOf } from './storage-of.ts';
import { marks, paintFor } from './style.ts';
import { UsageError } from './usage-error.ts';

export interface MoveOptions {
  readonly from: string;
  readonly to: string;
  readonly fromSchema?: string;
  readonly toSchema?: string;
}

/**
 * `daruma move`: copies everything that is stored in one place to another one.
 *
 * @returns the code to exit with
 * @throws UsageError
 */
export async function moveStorage(options: MoveOptions): Promise<number> {
  const from = placeOf(options.from, options.fromSchema);
  const to = placeOf(options.to, options.toSchema);
  try {
    const moved = await move(from, to);
    const paint = paintFor(process.stdout);
    const rows = moved.map(({ table, rows }) => `  ${table.padEnd(12)} ${rows}`);
    process.stdout.write(`${paint('green', marks.good)} Copied:\n${rows.join('\n')}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { message, hint } = error.failure;
    throw new UsageError(message, { hint });
  }
}

function placeOf(text: string, schema: string | undefined): LastingPlace {
  const { place } = readStorage({ ...storageOf(text), ...(schema !== undefined && { schema }) });
  if (place.kind !== 'memory' && !(place.kind === 'file' && place.file === undefined)) {
    return place as LastingPlace;
  }
  throw new UsageError(`'${text}' is nothing to move to or from.`);
}
