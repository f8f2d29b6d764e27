/**
 * Standard output and error as a command line tool needs them: a reader that has gone
 * (`daruma tree app.ts | head`) is no failure, and nothing is lost when the process exits.
 */

/** How long leaving waits for a reader that does not read, in milliseconds. */
const flushWithinMs = 500;

/** Lets output to a pipe that nobody reads any more vanish. Any other fault of it is thrown. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** Ends the process with this code once everything that was written has arrived. */
export async function leave(exitCode: number): Promise<never> {
  const flushed = Promise.all([process.stdout, process.stderr].map(flushedOut));
  const late = new Promise((resolve) => setTimeout(resolve, flushWithinMs));
  await Promise.race([flushed, late]);
  process.exit(exitCode);
}

function flushedOut(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable || stream.writableLength === 0) resolve();
    else stream.write('', () => resolve());
  });
}
