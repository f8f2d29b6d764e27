import { closeSync, openSync, writeSync } from 'node:fs';
import type { AnySupervisor } from '../define/definition.ts';
import { messageOf } from '../events.ts';
import type { System } from '../services/system.ts';
import { journalLines } from '../testing/log-trace.ts';
import { UsageError } from './usage-error.ts';

/**
 * Writes everything that happens to a system into a file, for `daruma check --log`. Each line is
 * handed to the operating system before the next thing happens, so that what a killed process had
 * done is in it. A file that is there is appended to; it is never rotated or made shorter.
 *
 * @param onFault told once when it cannot be written any more; the system is let run
 * @throws UsageError when it cannot be opened
 */
export function keepJournal(
  system: System,
  root: AnySupervisor,
  file: string,
  onFault: (message: string) => void,
): void {
  const fd = open(file);
  const writing = journalLines(system, root, Date.now()).subscribe({
    next: (line) => {
      try {
        writeSync(fd, `${line}\n`);
      } catch (error) {
        queueMicrotask(() => writing.unsubscribe());
        onFault(messageOf(error));
      }
    },
    complete: () => closeSync(fd),
  });
}

function open(file: string): number {
  try {
    return openSync(file, 'a');
  } catch (error) {
    throw new UsageError(`The journal ${file} cannot be written: ${messageOf(error)}.`, {
      hint: 'Its folder must be there.',
      cause: error,
    });
  }
}
