import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { daruma, patienceMs } from './daruma.ts';

/** Somebody who is told. */
async function receiver() {
  const told: { level: string; title: string; path: string }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      told.push(JSON.parse(body));
      response.writeHead(204).end();
    });
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { told, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

describe('daruma run', { timeout: patienceMs }, () => {
  it('--alerts tells the log what is given up', async () => {
    const run = daruma(['run', 'given-up.ts', '--no-json', '--alerts', '--for', '300ms'], {});
    const { code, stdout } = await run.exit;

    expect(code).toBe(0);
    expect(stdout).toMatch(/✉ app\/guard\/sync +was given up: the token has expired/);
  });

  it('tells nothing where nobody asked for it', async () => {
    const { stdout } = await daruma(['run', 'given-up.ts', '--no-json', '--for', '300ms'], {}).exit;

    expect(stdout).toContain('is given up');
    expect(stdout).not.toContain('✉');
  });

  it.each(['--webhook', 'DARUMA_WEBHOOK'])('tells who is named by %s, and the log', async (by) => {
    const { told, url } = await receiver();
    const args = ['run', 'given-up.ts', '--no-json', '--alerts', '--for', '500ms'];
    const isFlag = by === '--webhook';

    const { code, stdout } = await daruma(isFlag ? [...args, by, url] : args, {
      env: isFlag ? {} : { [by]: url },
    }).exit;

    expect(code).toBe(0);
    expect(told).toMatchObject([{ level: 'error', path: 'app/guard/sync' }]);
    expect(stdout).toContain('✉ app/guard/sync');
  });

  it('refuses a webhook that is no URL', async () => {
    const { code, stderr } = await daruma(['run', 'given-up.ts', '--webhook', 'chat'], {}).exit;

    expect(code).toBe(2);
    expect(stderr).toContain('http:// or https://');
  });
});
