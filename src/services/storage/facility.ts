import { hostname } from 'node:os';
import { errorInfo } from '../../events.ts';
import type { Facility } from '../../kernel/facilities.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Scope } from '../../kernel/scope.ts';
import type { Engine, EngineFailure } from '../engine/engine.ts';
import { FileEngine } from '../engine/file-engine.ts';
import { MemoryEngine } from '../engine/memory-engine.ts';
import { placeOf } from '../engine/postgres/address.ts';
import { PostgresEngine } from '../engine/postgres/postgres-engine.ts';
import { Access } from './access.ts';
import { failureError } from './errors.ts';
import { LiveStorage } from './live-storage.ts';
import { defaultFile, type StorageSettings } from './options.ts';
import { Running } from './running.ts';

/** Puts something around the engine: faults, in a simulation. */
export type BendEngine = (engine: Engine) => Engine;

/** The storage of a system: one engine, made when something is stored or looked up first. */
export class StorageFacility implements Facility {
  readonly #kernel: Kernel;
  readonly #settings: StorageSettings;
  readonly #bend: BendEngine;
  readonly #replica: string;
  readonly #running = new Running();
  #engine: Engine | undefined;

  /** @param replica what this process is called. @default its host and its number */
  constructor(
    kernel: Kernel,
    settings: StorageSettings,
    bend: BendEngine = (engine) => engine,
    replica: string = settings.place.kind === 'memory' ? 'memory' : `${hostname()}:${process.pid}`,
  ) {
    this.#kernel = kernel;
    this.#settings = settings;
    this.#bend = bend;
    this.#replica = replica;
  }

  /**
   * The engine that everything durable of the system goes through.
   *
   * @param path of whoever asks
   */
  engineOf(path: string): Engine {
    this.#engine ??= this.#bend(this.#makeEngine(path.split('/', 1)[0] as string));
    // Somebody who looks at it for the first time when all is over finds it closed.
    if (this.#running.isOver) void this.#engine.close();
    return this.#engine;
  }

  partOf(scope: Scope): LiveStorage {
    return new LiveStorage(this.accessOf(scope), this.#running);
  }

  /** The engine as one piece of work may use it. */
  accessOf(scope: Scope): Access {
    const { maxValueBytes } = this;
    return new Access(this.engineOf(scope.path), scope, { maxValueBytes, replica: this.#replica });
  }

  /** What one value may take as JSON, in bytes as UTF-8. */
  get maxValueBytes(): number {
    return this.#settings.maxValueBytes;
  }

  close(limitMs: number): Promise<void> | undefined {
    this.#running.end();
    const engine = this.#engine;
    const closed = engine?.close();
    if (!engine || !closed) return undefined;
    const { clock } = this.#kernel;
    // A little earlier than whoever waits for it gives up, so that every call has settled by then.
    const timer = clock.setTimeout(() => engine.abort(), limitMs * 0.9);
    return closed.then(() => clock.clearTimeout(timer));
  }

  #makeEngine(root: string): Engine {
    const { place, maxPendingBytes } = this.#settings;
    if (place.kind === 'memory') return new MemoryEngine();
    if (place.kind === 'postgres') {
      return new PostgresEngine({
        ...place,
        maxPendingBytes,
        ...this.#reports(root, placeOf(place)),
      });
    }
    const { file = defaultFile(root), busyTimeoutMs } = place;
    return new FileEngine({ file, busyTimeoutMs, maxPendingBytes, ...this.#reports(root, file) });
  }

  #reports(root: string, file: string) {
    const { journal } = this.#kernel;
    return {
      onOpen: () => journal.record(undefined, { type: 'storage-opened', file }),
      onTrouble: (failure: EngineFailure) => {
        const error = errorInfo(failureError(root, failure));
        journal.record(undefined, { type: 'storage-failed', file, error });
      },
    };
  }
}

/** The engine of a system, for what lives in it. */
export function accessOf(scope: Scope): Access {
  return (scope.kernel.facilities.storage as StorageFacility).accessOf(scope);
}
