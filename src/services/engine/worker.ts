import { parentPort, workerData } from 'node:worker_threads';
import type { Database } from './database.ts';
import { execute } from './execute.ts';
import { type FileFacts, failureOf } from './failures.ts';
import { openFile } from './open-file.ts';
import type { Answer, Order } from './thread.ts';

/**
 * The thread that the file is open in: a commit waits for the disk, and the event loop of the
 * program must not. One order is carried out at a time; what comes meanwhile shares the next commit.
 */
const facts = workerData as FileFacts;
let database: Database | undefined;
let version: unknown;

function answer(group: Exclude<Order, 'close'>): Answer {
  try {
    // What made it fail may have been put right since.
    database ??= openFile(facts);
    const outcomes = execute(database, group, (error) => failureOf(error, facts));
    return { outcomes, isOpen: true, isChangedByOthers: isChangedByOthers(database) };
  } catch (error) {
    const failure = failureOf(error, facts);
    const outcomes = group.map(() => ({ failure }));
    return { outcomes, isOpen: false, isChangedByOthers: false };
  }
}

/** SQLite counts what other connections have committed. */
function isChangedByOthers(open: Database): boolean {
  const before = version;
  version = open.get('PRAGMA data_version')?.data_version;
  return before !== undefined && version !== before;
}

parentPort?.on('message', (order: Order) => {
  if (order !== 'close') return parentPort?.postMessage(answer(order));
  database?.close();
  parentPort?.close();
});
