import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { LineSplitter } from './line-splitter.ts';

const chunkBytes = 64 * 1024;

/**
 * Follows a file that others write, as `tail -F` does: only what is new is read.
 *
 * 1. A file that is there at the first look is followed from its end, one that appears later from
 *    its beginning.
 * 2. The file stays open, so that a rotation loses nothing: what was written to the old file before
 *    it was renamed or removed is read before the new one is. An inode cannot be reused meanwhile.
 * 3. A file that has become shorter was truncated, and is read from its beginning.
 * 4. Once disposed of it opens nothing any more, also when it was in the middle of a look.
 */
export class Follower implements AsyncDisposable {
  readonly #path: string;
  readonly #splitter = new LineSplitter();
  readonly #buffer = Buffer.allocUnsafe(chunkBytes);
  #file: { readonly handle: FileHandle; readonly dev: bigint; readonly ino: bigint } | undefined;
  #position = 0;
  #isFirstLook = true;
  #isDisposed = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether there was a file at the latest look. */
  get isPresent(): boolean {
    return this.#file !== undefined;
  }

  /**
   * The lines that were completed since the last look, one piece of the file at a time.
   *
   * @throws the error of the file system, other than that there is no such file; `EISDIR` for
   * whatever is not a regular file
   */
  async *newLines(): AsyncGenerator<readonly string[]> {
    const found = await stat(this.#path, { bigint: true }).catch(ignoreMissing);
    if (this.#file && !(found && isSame(this.#file, found))) {
      yield* this.#rest();
      const last = this.#splitter.flush();
      if (last !== undefined) yield [last];
      await this.#close();
    }
    if (found && !this.#file) await this.#open(found);
    this.#isFirstLook = false;
    yield* this.#rest();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#close();
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }

  async #open(found: BigIntStats): Promise<void> {
    if (!found.isFile()) {
      throw Object.assign(new Error(`${this.#path} is not a regular file`), { code: 'EISDIR' });
    }
    if (this.#isDisposed) return;
    const handle = await open(this.#path).catch(ignoreMissing);
    if (!handle) return;
    const { dev, ino, size } = await handle.stat({ bigint: true });
    this.#file = { handle, dev, ino };
    this.#position = this.#isFirstLook ? Number(size) : 0;
    if (this.#isDisposed) await this.#close();
  }

  async *#rest(): AsyncGenerator<readonly string[]> {
    const handle = this.#file?.handle;
    if (!handle) return;
    const { size } = await handle.stat();
    if (size < this.#position) {
      // Half a line of what is gone is no line.
      this.#splitter.flush();
      this.#position = 0;
    }
    while (this.#position < size) {
      const { bytesRead } = await handle.read(this.#buffer, 0, chunkBytes, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      yield this.#splitter.push(this.#buffer.subarray(0, bytesRead));
    }
  }
}

function isSame(a: { dev: bigint; ino: bigint }, b: { dev: bigint; ino: bigint }): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
