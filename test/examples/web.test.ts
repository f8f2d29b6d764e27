import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { web } from '../../examples/watchtower/outside/web.ts';
import { supervisor } from '../../src/index.ts';
import { Lab } from '../kernel/lab.ts';

describe('the web of the watchtower', () => {
  it('says why there was no answer, and what there never will be one to', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const lab = await new Lab(supervisor('app', [web])).start();
    const { signal } = new AbortController();
    const asked = lab.system.value(web);

    await expect(asked?.post(`http://127.0.0.1:${port}`, {}, signal)).rejects.toMatchObject({
      message: 'no answer: ECONNREFUSED',
      cause: { code: 'ECONNREFUSED' },
    });
    expect(await asked?.get('http://127.0.0.1:1', signal)).toMatchObject({
      status: 0,
      fault: 'bad port',
    });
  });
});
