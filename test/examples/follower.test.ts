import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Follower } from '../../examples/watchtower/lib/follower.ts';
import { tempFolder } from './temp-folder.ts';

/** A log in a folder of its own, and who follows it. */
class Scene {
  readonly folder = tempFolder();
  readonly log = join(this.folder, 'app.log');
  readonly follower = new Follower(this.log);

  constructor() {
    onTestFinished(() => this.follower[Symbol.asyncDispose]());
  }

  write(text: string | Uint8Array): void {
    appendFileSync(this.log, text);
  }

  async newLines(): Promise<string[]> {
    const lines: string[] = [];
    for await (const some of this.follower.newLines()) lines.push(...some);
    return lines;
  }
}

describe('Follower', () => {
  it('reads what is written after the first look, and that once', async () => {
    const scene = new Scene();
    scene.write('old\n');

    const looks = [await scene.newLines()];
    scene.write('new\nnewer\n');
    looks.push(await scene.newLines(), await scene.newLines());

    expect(looks).toEqual([[], ['new', 'newer'], []]);
  });

  it('waits for the rest of a line, also in the middle of a character', async () => {
    const scene = new Scene();
    scene.write('');
    await scene.newLines();
    const text = Buffer.from('ERROR だるま fell\nnext\n');

    scene.write(text.subarray(0, 8));
    expect(await scene.newLines()).toEqual([]);

    scene.write(text.subarray(8));
    expect(await scene.newLines()).toEqual(['ERROR だるま fell', 'next']);
  });

  it('reads a file that appears later from its beginning', async () => {
    const scene = new Scene();

    expect(await scene.newLines()).toEqual([]);
    expect(scene.follower.isPresent).toBe(false);

    scene.write('first\n');
    expect(await scene.newLines()).toEqual(['first']);
    expect(scene.follower.isPresent).toBe(true);
  });

  it('loses nothing when the file is renamed and written anew', async () => {
    const scene = new Scene();
    scene.write('');
    await scene.newLines();

    scene.write('before\nwithout an end');
    renameSync(scene.log, `${scene.log}.1`);
    scene.write('after\n');

    expect(await scene.newLines()).toEqual(['before', 'without an end', 'after']);
  });

  it('reads what is still written to a renamed file until there is a new one', async () => {
    const scene = new Scene();
    scene.write('');
    await scene.newLines();

    renameSync(scene.log, `${scene.log}.1`);
    appendFileSync(`${scene.log}.1`, 'late\n');

    expect(await scene.newLines()).toEqual(['late']);
    expect(scene.follower.isPresent).toBe(false);
    scene.write('new\n');
    expect(await scene.newLines()).toEqual(['new']);
  });

  it('tells a new file from the old one, also of the same size', async () => {
    const scene = new Scene();
    scene.write('');
    await scene.newLines();
    scene.write('aaaa\n');
    await scene.newLines();

    rmSync(scene.log);
    scene.write('bbbb\n');

    expect(await scene.newLines()).toEqual(['bbbb']);
  });

  it('begins again when the file was truncated, without the half line it had', async () => {
    const scene = new Scene();
    scene.write('');
    await scene.newLines();
    scene.write('a long line that is complete\nhalf a li');
    await scene.newLines();

    truncateSync(scene.log);
    scene.write('fresh\n');

    expect(await scene.newLines()).toEqual(['fresh']);
  });

  it('reads a large piece bit by bit, and cuts huge lines', async () => {
    const scene = new Scene();
    scene.write('');
    await scene.newLines();
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);

    scene.write(`${lines.join('\n')}\n${'x'.repeat(1_000_000)}\nend\n`);

    const seen = await scene.newLines();
    expect(seen.slice(0, -2)).toEqual(lines);
    expect(seen.at(-2)).toHaveLength(64 * 1024 + 1);
    expect(seen.at(-1)).toBe('end');
  });

  it('refuses a folder', async () => {
    const scene = new Scene();
    mkdirSync(scene.log);

    await expect(scene.newLines()).rejects.toMatchObject({ code: 'EISDIR' });
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'says when it may not read the file',
    async () => {
      const scene = new Scene();
      writeFileSync(scene.log, 'secret\n');
      chmodSync(scene.log, 0);

      await expect(scene.newLines()).rejects.toMatchObject({ code: 'EACCES' });
    },
  );

  it('opens nothing any more when it is disposed of in the middle of a look', async () => {
    const scene = new Scene();
    await scene.newLines();
    scene.write('one\n');

    const look = scene.newLines();
    await scene.follower[Symbol.asyncDispose]();

    expect(await look).toEqual([]);
    expect(scene.follower.isPresent).toBe(false);
  });

  it.runIf(process.platform === 'linux')('closes every file that it opened', async () => {
    const scene = new Scene();
    const openFiles = () => readdirSync('/proc/self/fd').map(targetOf).filter(isOfScene);
    const isOfScene = (target: string) => target.startsWith(scene.folder);

    for (let round = 0; round < 5; round++) {
      scene.write(`${round}\n`);
      await scene.newLines();
      renameSync(scene.log, `${scene.log}.1`);
    }
    expect(openFiles()).toHaveLength(1);
    await scene.newLines();

    expect(openFiles()).toEqual([]);
  });
});

/** What a descriptor of this process stands for; some are gone again by now. */
function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}
