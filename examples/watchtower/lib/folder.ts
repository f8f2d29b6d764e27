import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder whose files are replaced as a whole, one after the other, in the order of the calls. */
export class Folder {
  readonly path: string;
  #latest: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Who reads the file meanwhile finds the old text or the new one, never half of it. */
  replace(name: string, text: string): Promise<void> {
    const replaced = this.#latest.then(() => replaceFile(this.file(name), text));
    this.#latest = replaced.catch(() => {});
    return replaced;
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, text);
  await rename(draft, path);
}
