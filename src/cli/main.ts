import { CommanderError } from 'commander';
import { leave, tolerateClosedPipes } from './output.ts';
import { createProgram } from './program.ts';

tolerateClosedPipes();
await leave(await runProgram());

async function runProgram(): Promise<number> {
  let exitCode = 0;
  // A services file finds its own arguments in process.argv later on.
  const json = wantsJson(process.argv);
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync();
  } catch (error) {
    // Help and version come as errors too; wrong usage has been told.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { tell } = await import('./tell.ts');
    return tell(error, { json });
  }
  return exitCode;
}

/** Commands that fail tell it in the form that they were asked for. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}
