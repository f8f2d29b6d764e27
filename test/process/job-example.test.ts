import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { freshFile } from '../services/storage/keeper.ts';
import { daruma, patienceMs } from './daruma.ts';

const folder = fileURLToPath(new URL('../../examples/12-jobs/', import.meta.url));

/** A process of examples/12-jobs. */
function run(name: string, file: string) {
  return daruma(['run', `${folder}${name}.ts`, '--no-json', '--storage', file, '--grace', '3s'], {
    env: { PORT: '0' },
  });
}

type Answer = Readonly<Record<string, unknown>>;

async function api(file: string) {
  const process = run('api', file);
  await process.sees('is running: 1 service');
  const url = /listens on (\S+)/.exec(process.stdout)?.[1] ?? '';
  const ask = async (path: string, method = 'GET', headers = {}) => {
    const signal = AbortSignal.timeout(patienceMs);
    const response = await fetch(`${url}${path}`, { method, headers, signal });
    return { code: response.status, body: (await response.json()) as Answer };
  };
  return { process, ask };
}

describe('the server and the painters of examples/12-jobs', { timeout: 3 * patienceMs }, () => {
  it('refuse what is wrong, and go on', async () => {
    const { process, ask } = await api(freshFile());
    const wrong = [
      ...['?name=a&strokes=many', '?name=a&strokes=-1', '?name=a&strokes=1e9', '?name='],
      `?name=${'a'.repeat(600)}`,
    ];
    for (const query of wrong) {
      const { code, body } = await ask(query, 'POST');
      expect([code, body.error], query).toEqual([400, expect.stringContaining('of pictures')]);
    }
    expect((await ask('', 'POST', { 'x-workspace': 'w'.repeat(600) })).code).toBe(400);
    expect((await ask('/nobody')).code).toBe(404);
    expect((await ask('/nobody', 'DELETE')).code).toBe(404);
    expect((await ask('', 'PUT')).code).toBe(405);
    expect((await ask('?name=rose', 'POST')).code).toBe(202);
    expect((await ask('?name=rose', 'POST')).code).toBe(200);
    process.signal('SIGINT');

    const { code, stdout } = await process.exit;
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/restarts|failed|abandoned/);
  });

  it('take a picture up again within its lease when its painter is killed', async () => {
    const file = freshFile();
    const { ask } = await api(file);
    const first = run('worker', file);
    await first.sees('is running: 3 services');
    const { body } = await ask('?name=battle&strokes=1000', 'POST');
    await first.sees('sets up an easel', 2);
    first.signal('SIGKILL');
    const killedAt = performance.now();
    await first.exit;
    const second = run('worker', file);
    await second.sees('has vanished');
    await second.sees('sets up an easel');

    // A lease of 3 s, and what it takes to start a process.
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    expect((await ask(`/${body.id}`)).body).toMatchObject({ state: 'active', attempt: 3 });
    // Twice, at once: it is cut off, and its job waits for its lease.
    second.signal('SIGINT');
    await second.sees('SIGINT: stopping');
    second.signal('SIGINT');
    expect((await second.exit).code).toBe(130);
    expect((await ask(`/${body.id}`)).body).toMatchObject({ state: 'active', attempt: 3 });
    const third = run('worker', file);
    await third.sees('is dead');
    expect((await ask(`/${body.id}`)).body).toMatchObject({ state: 'dead', attempt: 3 });
  });
});
