import { expect, it, vi } from 'vitest';
import { Tower } from './tower.ts';

vi.mock('daruma', () => import('../../src/index.ts'));
vi.hoisted(() => {
  process.argv = process.argv.slice(0, 2);
});

const disk = vi.hoisted(() => ({ isDead: false, free: 50 }));

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  statfs: () => {
    if (disk.isDead) return new Promise(() => {});
    return Promise.resolve({ bsize: 1, blocks: 100, bfree: disk.free, bavail: disk.free });
  },
}));

const files = ['none.log'];

it('samples the host', async () => {
  const tower = await Tower.start({ files, disks: ['/data'] });
  await tower.until(() => tower.overview.host);

  expect(tower.overview.host).toMatchObject({
    load: [expect.any(Number), expect.any(Number), expect.any(Number)],
    cpus: expect.any(Number),
    memory: { total: expect.any(Number) },
    disks: [{ path: '/data', used: 50, total: 100 }],
  });
});

it('opens an incident while a disk is almost full', async () => {
  disk.free = 5;
  const tower = await Tower.start({ files, disks: ['/data'] });
  await tower.until(() => tower.said('opened: disk /data: 95% full'));
  expect(tower.system.ref('watchtower/watch/host').health()).toMatchObject({ status: 'degraded' });

  disk.free = 6;
  await tower.clock.advance(1_000);

  await tower.until(() => tower.said('resolved: disk /data'));
  expect(tower.system.ref('watchtower/watch/host').health()).toMatchObject({ status: 'healthy' });
});

it('is given up for stuck when a disk never answers; the others go on', async () => {
  disk.isDead = true;
  const tower = await Tower.start({ files, every: '1h' });

  await tower.clock.advance(35_000);
  const host = tower.typesAt('watchtower/watch/host');
  disk.isDead = false;

  expect(host).toEqual(expect.arrayContaining(['overdue', 'unstopped', 'backoff']));
  await tower.clock.advance(1_000);
  await tower.until(() => tower.overview.host);
  expect(tower.typesAt('watchtower/publish/report')).not.toContain('ended');
});
