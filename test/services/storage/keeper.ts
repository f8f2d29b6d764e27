import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Context,
  isDarumaError,
  type Storage,
  type StorageOptions,
  service,
  supervisor,
} from '../../../src/index.ts';
import { afterThisTest } from '../../clean-up.ts';
import { Lab, Puppet } from '../../kernel/lab.ts';
import { freshSchema, postgresUrl } from '../../postgres/postgres.ts';

/** A folder that is removed after the test. */
export function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'daruma-storage-'));
  afterThisTest(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A file of its own that does not exist yet. */
export function freshFile(): string {
  return join(folder(), 'data', 'app.sqlite');
}

/** Tables of their own, in the database that all tests share. */
export async function freshTables(): Promise<StorageOptions> {
  return { postgres: await postgresUrl(), schema: freshSchema() };
}

/** Two services with storage, on a virtual clock. What is asked of a file takes real time. */
export class Keeper {
  readonly ada = new Puppet();
  readonly bob = new Puppet();
  readonly lab;

  constructor(storage: StorageOptions | 'memory') {
    const ada = service('ada', { backoff: { first: 0, max: 0 } }, this.ada.body);
    const bob = service('bob', this.bob.body);
    this.lab = new Lab(supervisor('app', [ada, bob]), { storage });
  }

  static async on(storage: StorageOptions | 'memory'): Promise<Keeper> {
    const keeper = new Keeper(storage);
    await keeper.lab.start();
    afterThisTest(() => keeper.stop());
    return keeper;
  }

  get context(): Context {
    return this.ada.life.ctx;
  }

  get storage(): Storage {
    return this.context.storage;
  }

  get other(): Storage {
    return this.bob.life.ctx.storage;
  }

  /** Time stands still meanwhile: a limit on the close is never reached. */
  async stop(): Promise<void> {
    await this.lab.system.stop();
  }
}

/** The code of the DarumaError that a promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await errorOf(promise);
  return isDarumaError(error) ? error.code : `no DarumaError: ${String(error)}`;
}

export function errorOf(promise: Promise<unknown>): Promise<Error & { readonly hint?: string }> {
  return promise.then(
    () => {
      throw new Error('It did not reject.');
    },
    (error: unknown) => error as Error,
  );
}
