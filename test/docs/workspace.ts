import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { type Block, root } from './pages.ts';

/**
 * A folder with every complete block as a file, where `daruma` is this repository's sources: what
 * stands in the docs is compiled and run letter by letter.
 */
export class Workspace implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'daruma-docs-'));

  constructor() {
    this.#linkPackages();
    this.write('package.json', JSON.stringify({ type: 'module' }));
    this.write('tsconfig.json', JSON.stringify(tsconfig));
  }

  /** Writes a block; one whose first line is the comment `// name.ts` has that name. */
  add(block: Block): string {
    const name = /^\/\/ (\S+\.ts)\n/.exec(block.text)?.[1] ?? `line-${block.line}.ts`;
    const file = join(folderOf(block.page), name);
    this.write(file, block.text);
    return file;
  }

  write(file: string, text: string): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** What tsc has to say about the files here, not about the sources; empty when they are fine. */
  async compile(): Promise<string> {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    return await new Promise((resolve) => {
      execFile(process.execPath, [tsc, '-p', '.'], { cwd: this.folder }, (error, stdout) => {
        const complaints = stdout.split(/\n(?=\S)/).filter((text) => !text.startsWith('..'));
        resolve(error && stdout === '' ? error.message : complaints.join('\n'));
      });
    });
  }

  /**
   * Imports files one after the other in one process, and returns what each printed to the console,
   * or the error that it ended with.
   */
  async runAll(files: readonly string[]): Promise<ReadonlyMap<string, string>> {
    this.write('run-all.mjs', runner);
    const { output } = await this.execute(['run-all.mjs', ...files]);
    const results = new Map<string, string>();
    for (const line of output.split('\n')) {
      if (!line.startsWith(marker)) continue;
      const { file, printed } = JSON.parse(line.slice(marker.length)) as Result;
      results.set(file, printed.trimEnd());
    }
    for (const file of files) if (!results.has(file)) results.set(file, `did not end: ${output}`);
    return results;
  }

  /** Runs Node with these arguments, below a folder; `onOutput` may send a signal. */
  async execute(
    args: readonly string[],
    onOutput: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
    folder = '.',
  ): Promise<{ readonly output: string; readonly exitCode: number | null }> {
    const child = spawn(process.execPath, args, {
      cwd: join(this.folder, folder),
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        onOutput(output, (signal) => child.kill(signal));
      });
    }
    return await new Promise((resolve, reject) => {
      child.on('error', reject).on('close', (exitCode) => resolve({ output, exitCode }));
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #linkPackages(): void {
    const installed = join(root, 'node_modules');
    const modules = join(this.folder, 'node_modules');
    mkdirSync(modules);
    for (const name of readdirSync(installed)) {
      if (!name.startsWith('.'))
        symlinkSync(join(installed, name), join(modules, name), 'junction');
    }
    const folder = join(this.folder, 'daruma');
    symlinkSync(folder, join(modules, 'daruma'), 'junction');
    this.write('daruma/package.json', JSON.stringify(daruma));
    for (const [file, source] of [
      ['index.ts', 'src/index.ts'],
      ['testing.ts', 'src/testing/index.ts'],
    ] as const) {
      const path = relative(folder, join(root, source)).replaceAll('\\', '/');
      this.write(`daruma/${file}`, `export * from '${path}';\n`);
    }
  }
}

/** The files of a page have a folder of their own. */
export function folderOf(page: string): string {
  return basename(page, '.md').toLowerCase();
}

interface Result {
  readonly file: string;
  readonly printed: string;
}

const marker = 'printed: ';

/** Logs go to file descriptor 1 past `process.stdout`, so that only the console is caught. */
const runner = `
import { pathToFileURL } from 'node:url';
const write = process.stdout.write.bind(process.stdout);
for (const file of process.argv.slice(2)) {
  let printed = '';
  process.stdout.write = (text) => { printed += text; return true; };
  try {
    await import(pathToFileURL(file).href);
  } catch (error) {
    printed += 'threw ' + error.stack;
  }
  process.stdout.write = write;
  write('\\n${marker}' + JSON.stringify({ file, printed }) + '\\n');
}
process.exit(0);
`;

const daruma = {
  name: 'daruma',
  type: 'module',
  exports: { '.': './index.ts', './testing': './testing.ts' },
};

const tsconfig = {
  extends: join(root, 'tsconfig.json'),
  compilerOptions: {
    rootDir: '/',
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
  },
  include: ['*/*.ts'],
  exclude: ['node_modules'],
};
