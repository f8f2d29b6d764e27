import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { FileEngine } from '../../../src/services/engine/file-engine.ts';
import { freshFile } from '../storage/keeper.ts';
import { Desk } from './desk.ts';

const open: FileEngine[] = [];

function twoOn(file: string): [Desk, Desk] {
  const [one, other] = [0, 1].map(() => {
    const engine = new FileEngine({ file, busyTimeoutMs: 5_000, maxPendingBytes: 1e8 });
    open.push(engine);
    return new Desk(engine);
  }) as [Desk, Desk];
  return [one, Object.assign(other, { queue: one.queue })];
}

afterEach(() => Promise.all(open.splice(0).map((engine) => engine.close())));

describe('a file that two have open', () => {
  it('gives each job to one of them', async () => {
    const [one, other] = twoOn(freshFile());
    await other.claim();
    await Promise.all(Array.from({ length: 500 }, () => one.add()));

    const claimAll = async (desk: Desk) => {
      const ids: string[] = [];
      for (let claimed = await desk.claimIds({ limit: 3 }); claimed.length > 0; ) {
        ids.push(...claimed);
        claimed = await desk.claimIds({ limit: 3 });
      }
      return ids;
    };
    const [ofOne, ofOther] = await Promise.all([claimAll(one), claimAll(other)]);

    expect(ofOne.length + ofOther.length).toBe(500);
    expect(new Set([...ofOne, ...ofOther]).size).toBe(500);
  });

  it('tells one of them what the other has added', async () => {
    const [one, other] = twoOn(freshFile());
    const heard = new EventEmitter();
    await other.claim();
    other.engine.watch(other.queue, () => heard.emit('news'));
    const news = once(heard, 'news');

    const id = await one.add();
    await news;

    expect(await other.claimIds()).toEqual([id]);
  });
});
