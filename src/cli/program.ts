import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { CheckCommandOptions } from './check.ts';
import { exitCodeHelp } from './exit-codes.ts';
import type { MoveOptions } from './move.ts';
import type { ReplayCommandOptions } from './replay.ts';
import type { RunOptions } from './run.ts';
import { marks, paintFor } from './style.ts';
import type { TreeOptions } from './tree.ts';
import { count, duration, httpAddress, integer, limit, webUrl } from './values.ts';
import { manifest } from './version.ts';

type Done = (exitCode: number) => void;

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * The command line. Each command is imported when it is called, so that help costs nothing.
 *
 * @param done is told the code to exit with
 */
export function createProgram(done: Done): Command {
  const program = new Command('daruma')
    .description('Runs services that are restarted, backed off and stopped by their supervisors.')
    .version(manifest().version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageText(text)) })
    .configureHelp(helpStyle())
    .addHelpText('after', `\n${programExamples}\n\n${exitCodeHelp}`);
  addRun(program, done);
  addTree(program, done);
  addCheck(program, done);
  addTraces(program, done);
  addMove(program, done);
  addInit(program, done);
  return program;
}

const programExamples = `Examples:
  daruma init shop            write a small project
  daruma run services.ts      run it; Ctrl-C stops it in order
  daruma tree services.ts     show what would run, and how long start and stop can take`;

function addRun(program: Command, done: Done): void {
  program
    .command('run')
    .summary('run a services file')
    .description('Runs the supervisor that a file exports by default, until it is stopped.')
    .argument('<file>', 'TypeScript or JavaScript')
    .argument('[args...]', 'after --: what the file finds in process.argv')
    .option('--for <duration>', 'stop in order after this time', duration)
    .option('--watch', 'restart when the file, or one that it imports below its folder, changes')
    .option('--config <file>', 'configuration by path, JSON or a TypeScript default export')
    .addOption(
      new Option('--log-level <level>', 'the least that is logged')
        .choices(logLevels)
        .default('info'),
    )
    .option('--grace <duration>', 'what a whole stop may take (default: 25s)', limit)
    .option('--seed <number>', 'repeat the random choices of a run', integer)
    .option('--json', 'log JSON lines (default: unless on a terminal)')
    .option('--no-json', 'log for people, also where there is no terminal')
    .option('--keep-alive', 'go on when every service has ended')
    .option('--http <[host:]port>', 'serve /livez /readyz /startupz /metrics', httpAddress)
    .option('--storage <place>', 'file or postgres:// address of what services store')
    .option('--alerts', 'notify of what goes wrong in the tree, and when it is well again')
    .addOption(
      new Option('--webhook <url>', 'POST notifications to it, beside the log')
        .env('DARUMA_WEBHOOK')
        .argParser(webUrl),
    )
    .option('--journal <file>', 'append what happens, for daruma check --log')
    .addHelpText('after', `\n${runExamples}\n\n${exitCodeHelp}`)
    .action(async (file: string, args: string[], options: RunOptions) => {
      if (options.watch) {
        const { watch } = await import('./watch.ts');
        const json = options.json ?? !process.stdout.isTTY;
        return done(await watch(file, { config: options.config, json }));
      }
      const { run } = await import('./run.ts');
      done(await run(file, args, options));
    });
}

const runExamples = `Examples:
  daruma run services.ts
  daruma run services.ts --watch --log-level debug
  daruma run services.ts --config production.json --grace 10s
  daruma run services.ts -- --port 8080

The first Ctrl-C or SIGTERM stops everything in order, within the grace period;
the second leaves at once and says what was cut off.`;

function addTree(program: Command, done: Done): void {
  program
    .command('tree')
    .summary('show the tree of a services file')
    .description(
      'Shows the tree, its policies, and how long start and stop can take. Starts nothing.',
    )
    .argument('<file>', 'TypeScript or JavaScript')
    .argument('[args...]', 'after --: what the file finds in process.argv')
    .addOption(
      new Option('--format <format>', 'how to show it')
        .choices(['text', 'mermaid', 'json'])
        .default('text'),
    )
    .option('--json', 'the same as --format json')
    .option('--grace <duration>', 'what a whole stop may take (default: 25s)', limit)
    .addHelpText('after', `\n${treeExamples}`)
    .action(async (file: string, args: string[], options: TreeOptions) => {
      const { tree } = await import('./tree.ts');
      done(await tree(file, args, options));
    });
}

const treeExamples = `Examples:
  daruma tree services.ts
  daruma tree services.ts --format mermaid > tree.mmd
  daruma tree services.ts --json | jq .worstCase`;

function addCheck(program: Command, done: Done): void {
  program
    .command('check')
    .summary('let things go wrong in the tree of a services file')
    .description(
      'Lets the tree live through failures in virtual time, with stubs for bodies: whether its invariants hold, how long start and stop take, how available everything is, and what that costs.',
    )
    .argument('<file>', 'TypeScript or JavaScript')
    .argument('[args...]', 'after --: what the file finds in process.argv')
    .addOption(
      new Option('--runs <number>', 'fault plans that are tried').argParser(count).default(300),
    )
    .option('--seed <number>', 'repeat the random choices of a check', integer)
    .option('--hours <number>', 'virtual hours of failures (default: about 400 failures)', count)
    .addOption(timeOption('--mtbf <duration>', 'mean time between failures', '30d'))
    .addOption(timeOption('--mttr <duration>', 'mean time to repair', '2m'))
    .addOption(
      new Option('--service <path=rates>', 'for one service: app/feed=mtbf:1h,mttr:5s')
        .argParser(collected)
        .default([], 'those of all'),
    )
    .addOption(timeOption('--reboot <duration>', 'until a process that gave up is back', '10s'))
    .option('--grace <duration>', 'what a whole stop may take (default: 25s)', limit)
    .addOption(
      new Option('--failures <folder>', 'where failures are kept, and tried again first').default(
        'failures',
      ),
    )
    .option('--log <journal>', 'look at what daruma run --journal has written instead')
    .option('--json', 'as data')
    .addHelpText('after', `\n${checkExamples}\n\n${exitCodeHelp}`)
    .action(async (file: string, args: string[], options: CheckCommandOptions) => {
      const { check } = await import('./check.ts');
      done(await check(file, args, options));
    });
}

const checkExamples = `Examples:
  daruma check services.ts
  daruma check services.ts --service app/feed=mtbf:1h,mttr:5s
  daruma check services.ts --log journal.jsonl`;

function addTraces(program: Command, done: Done): void {
  program
    .command('replay')
    .summary('run a failure that was kept again')
    .description('Runs the plan of a failure that was kept in a file again, and compares.')
    .argument('<trace>', 'FILE.trace.jsonl')
    .option('--tree <file>', 'another services file than the one that it is a failure of')
    .option('--stubs', 'with stubs for bodies, as daruma check has them')
    .option('--json', 'as data')
    .addHelpText('after', `\n${exitCodeHelp}`)
    .action(async (trace: string, options: ReplayCommandOptions) => {
      const { replayFile } = await import('./replay.ts');
      done(await replayFile(trace, options));
    });
  program
    .command('timeline')
    .summary('draw a trace')
    .description('Draws a trace, or the last run of a journal, as one page of HTML.')
    .argument('<trace>', 'FILE.trace.jsonl')
    .option('--out, -o <file>', 'where it is written (default: beside the trace)')
    .action(async (trace: string, options: { readonly out?: string }) => {
      const { timeline } = await import('./timeline.ts');
      done(timeline(trace, options.out));
    });
  program
    .command('diff')
    .summary('compare two traces')
    .description(
      'Shows what two traces do not have in common. Exits with 5 when there is anything.',
    )
    .argument('<a>', 'FILE.trace.jsonl')
    .argument('<b>', 'FILE.trace.jsonl')
    .action(async (a: string, b: string) => {
      const { diff } = await import('./timeline.ts');
      done(diff(a, b));
    });
}

function addMove(program: Command, done: Done): void {
  program
    .command('move')
    .summary('copy what is stored to another place')
    .description(
      'Copies everything that services have stored, with all jobs, to another file or database, which is empty. Nobody may use either meanwhile.',
    )
    .requiredOption('--from <place>', 'file or postgres:// address')
    .requiredOption('--to <place>', 'file or postgres:// address')
    .option('--from-schema <name>', 'where the tables are (default: daruma)')
    .option('--to-schema <name>', 'where the tables will be (default: daruma)')
    .addHelpText('after', `\n${moveExamples}`)
    .action(async (options: MoveOptions) => {
      const { moveStorage } = await import('./move.ts');
      done(await moveStorage(options));
    });
}

const moveExamples = `Examples:
  daruma move --from .daruma/app.sqlite --to postgres://ada@db.example/app`;

function addInit(program: Command, done: Done): void {
  program
    .command('init')
    .summary('write a small project')
    .description('Writes package.json, services.ts and tsconfig.json of a project that runs.')
    .argument('[dir]', 'where', '.')
    .addHelpText('after', '\nExamples:\n  daruma init shop')
    .action(async (dir: string) => {
      const { init } = await import('./init.ts');
      done(init(dir));
    });
}

function timeOption(flags: string, description: string, usual: string): Option {
  return new Option(flags, description).argParser(duration).default(duration(usual), usual);
}

function collected(text: string, earlier: string[]): string[] {
  return [...earlier, text];
}

/** Wrong usage in the form of everything else that is wrong. */
function usageText(text: string): string {
  const paint = paintFor(process.stderr);
  const [first = '', ...others] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n');
  const message = first.charAt(0).toUpperCase() + first.slice(1);
  const file = /^unknown command '(.+)'$/.exec(first)?.[1];
  const meant = others.map((line) => line.replace(/^\((.*)\)$/, '$1'));
  const hints = file && existsSync(file) ? [`Did you mean daruma run ${file}?`] : meant;
  const help = paint('dim', 'daruma --help lists commands; daruma help <command> lists options.');
  const lines = [...hints, help].map((line) => `  ${line}\n`).join('');
  return `${paint('red', marks.bad)} ${message.replace(/(?<![.?])$/, '.')}\n${lines}`;
}

function helpStyle() {
  const paint = paintFor(process.stdout);
  return {
    styleTitle: (text: string) => paint('bold', text),
    styleCommandText: (text: string) => paint('cyan', text),
    styleSubcommandText: (text: string) => paint('cyan', text),
    styleOptionText: (text: string) => paint('yellow', text),
    styleArgumentText: (text: string) => paint('green', text),
  };
}
