import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { Connection, LostError } from '../../src/services/engine/postgres/connection.ts';

afterEach(() => void vi.useRealTimers());

/** What a server says to whoever may come in, and then what it has to say to nothing. */
const welcome = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
const nothing = Buffer.from([0x49, 0, 0, 0, 4, 0x5a, 0, 0, 0, 5, 0x49]);

it('a connection is lost when nothing was answered for 30 s, however long it was of use before', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.once('data', () => socket.write(welcome));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const lost: string[] = [];
  const connection = await Connection.open(
    `postgres://user@127.0.0.1:${port}/app`,
    10_000,
    { onLost: ({ message }) => lost.push(message) },
    { signal: new AbortController().signal, isHeld: true },
  );
  const [socket] = sockets as [Socket];
  socket.once('data', () => socket.write(nothing));
  await connection.send({ text: ';' });
  vi.advanceTimersByTime(29_000);
  const asked = connection.send({ text: ';' }).catch((error: unknown) => error);

  vi.advanceTimersByTime(29_999);
  expect(lost).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(lost).toEqual(['The server has not answered for 30 s.']);
  expect(await asked).toBeInstanceOf(LostError);
  server.close();
});
