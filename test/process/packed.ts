import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderWith } from './daruma.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const modules = join(repository, 'node_modules');

export const tsc: string = join(modules, 'typescript/bin/tsc');

export interface PackageJson {
  readonly version: string;
  readonly engines: unknown;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
}

export function manifestOf(folder: string = repository): PackageJson {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
}

/**
 * Builds the package, packs it as it would be published, and puts what was packed, and what it asks
 * its users to bring, where npm would. Nothing is downloaded, and the repository is left alone.
 *
 * @param brought packages that the user has installed beside it
 */
export function installInto(folder: string, brought: readonly string[] = []): void {
  const target = join(folder, 'node_modules', 'daruma');
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-xzf', packed(), '-C', target, '--strip-components', '1']);
  const { dependencies } = manifestOf(target);
  const names = ['rxjs', 'xstate', 'typescript', '@types/node', ...brought];
  for (const name of [...names, ...Object.keys(dependencies)]) link(folder, name);
}

/** The tarball. */
function packed(): string {
  const folder = folderWith({});
  const args = ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')];
  execFileSync(process.execPath, [tsc, ...args], { cwd: repository });
  const copied = ['package.json', 'README.md', 'LICENSE', ...manifestOf().files];
  for (const name of copied.filter((name) => name !== 'dist')) {
    cpSync(join(repository, name), join(folder, name), { recursive: true });
  }
  const shell = process.platform === 'win32';
  const options = { cwd: folder, encoding: 'utf8', shell, stdio: 'pipe' } as const;
  const [report] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts'], options),
  ) as [{ filename: string }];
  return join(folder, report.filename);
}

function link(folder: string, name: string): void {
  const path = join(folder, 'node_modules', name);
  mkdirSync(join(path, '..'), { recursive: true });
  symlinkSync(join(modules, name), path, 'junction');
}
