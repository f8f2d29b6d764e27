import { EngineError, type EngineFailure } from '../engine.ts';
import { type FileFacts, failureOf as fileFailureOf, RefusedError } from '../failures.ts';
import { type PostgresFacts, placeOf } from '../postgres/address.ts';
import { LostError } from '../postgres/connection.ts';
import { isServerError, failureOf as postgresFailureOf } from '../postgres/failures.ts';
import { FileSide } from './file-side.ts';
import { PostgresSide } from './postgres-side.ts';
import { type Side, tables } from './tables.ts';

/** A place that outlives a process. */
export type LastingPlace =
  | ({ readonly kind: 'file' } & FileFacts)
  | ({ readonly kind: 'postgres' } & PostgresFacts);

export interface Moved {
  readonly table: string;
  readonly rows: number;
}

/**
 * Copies everything that is stored in one place to another one, which is empty: all of it or nothing.
 * The first one is left as it is. Nobody else may use either meanwhile.
 *
 * @throws EngineError
 */
export async function move(from: LastingPlace, to: LastingPlace): Promise<Moved[]> {
  await using source = await openSide(from, true);
  await using target = await openSide(to, false);
  try {
    await refuseUsed(target, to);
    const moved: Moved[] = [];
    for (const table of tables) {
      let rows = 0;
      for await (const page of source.read(table)) {
        if (page.length > 0) await target.write(table, page);
        rows += page.length;
      }
      moved.push({ table: table.name, rows });
    }
    await target.commit();
    return moved;
  } catch (error) {
    const kind = isServerError(error) || error instanceof LostError ? 'postgres' : 'file';
    throw new EngineError(failureIn(to.kind === kind ? to : from, error));
  }
}

async function openSide(place: LastingPlace, isThere: boolean): Promise<Side> {
  try {
    if (place.kind === 'postgres') return await PostgresSide.open(place);
    return FileSide.open(place, { isThere });
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError(failureIn(place, error));
  }
}

function failureIn(place: LastingPlace, error: unknown): EngineFailure {
  return place.kind === 'postgres' ? postgresFailureOf(error, place) : fileFailureOf(error, place);
}

async function refuseUsed(target: Side, to: LastingPlace): Promise<void> {
  for (const table of tables) {
    const rows = await target.countOf(table);
    if (rows === 0) continue;
    const name = to.kind === 'postgres' ? placeOf(to) : to.file;
    throw new RefusedError({
      code: 'DARUMA_STORAGE_FOREIGN',
      message: `${name} is not empty: ${rows} rows in ${table.name}. Nothing was written.`,
      hint: 'Move into a file that does not exist, or another schema: two storages cannot be made one.',
    });
  }
}
