import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { shortPath } from '../testing/frames.ts';
import { firstFew, indented, marks, paintFor } from './style.ts';
import { UsageError } from './usage-error.ts';
import { type Manifest, manifest } from './version.ts';

/**
 * `daruma init`: writes a project that runs. Never writes over a file.
 *
 * @returns the code to exit with
 * @throws UsageError when one of its files is there already; nothing is written then
 */
export function init(dir: string): number {
  const folder = resolve(dir);
  const files = projectFiles(basename(folder), manifest());
  const taken = Object.keys(files).filter((name) => existsSync(join(folder, name)));
  if (taken.length > 0) {
    const names = firstFew(
      taken.map((name) => shortPath(join(folder, name))),
      taken.length,
    );
    throw new UsageError(
      `${names} ${taken.length === 1 ? 'is' : 'are'} there already; nothing was written.`,
      {
        hint: 'Name another folder: daruma init my-services',
      },
    );
  }
  write(folder, files);
  process.stdout.write(`${welcome(folder, Object.keys(files))}\n`);
  return 0;
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  try {
    mkdirSync(folder, { recursive: true });
    // Files that came between the look and now are not written over either.
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text, { flag: 'wx' });
    }
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(`Cannot write to ${shortPath(folder)}: ${message}.`, { cause: error });
  }
}

function welcome(folder: string, names: readonly string[]): string {
  const paint = paintFor(process.stdout);
  const inside = relative(process.cwd(), folder);
  const wrote = names.map((name) => shortPath(join(folder, name)));
  const commands = [...(inside === '' ? [] : [`cd ${inside}`]), 'npm install', 'npm start'];
  return [
    `${paint('green', marks.good)} Wrote ${firstFew(wrote, wrote.length)}. Next:`,
    '',
    indented(commands.map((command) => paint('bold', command)).join('\n'), 4),
    '',
    `  ${paint('dim', 'npm run tree shows the tree, npm run dev restarts it when a file changes.')}`,
  ].join('\n');
}

/** The text of each file by its name. */
export function projectFiles(name: string, self: Manifest): Record<string, string> {
  return {
    'package.json': `${JSON.stringify(packageJson(name, self), null, 2)}\n`,
    'services.ts': services,
    'tsconfig.json': `${JSON.stringify(tsconfig, null, 2)}\n`,
  };
}

function packageJson(name: string, { version, engines, devDependencies }: Manifest): object {
  const from = (dependency: string) => ({ [dependency]: `^${devDependencies[dependency]}` });
  return {
    name: packageName(name),
    private: true,
    type: 'module',
    scripts: {
      start: 'daruma run services.ts',
      dev: 'daruma run services.ts --watch',
      tree: 'daruma tree services.ts',
      check: 'tsc',
    },
    engines,
    dependencies: { daruma: `^${version}`, ...from('rxjs'), ...from('xstate') },
    devDependencies: { ...from('@types/node'), ...from('typescript') },
  };
}

/** What npm takes as a name. */
function packageName(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-._]+|-+$/g, '');
  return plain === '' ? 'services' : plain;
}

/** For files that Node runs as they are: types are stripped, nothing is transformed. */
const tsconfig = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    noEmit: true,
    allowImportingTsExtensions: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    skipLibCheck: true,
  },
  include: ['**/*.ts'],
};

const services = `import { service, supervisor } from 'daruma';

/** Ready when \`start\` resolves; what it returns goes to the services that need it. */
const store = service('store', {
  start: async (ctx) => {
    await ctx.sleep('300ms'); // stands for opening a connection
    const orders: string[] = [];
    ctx.defer(() => ctx.log.info({ orders: orders.length }, 'closed')); // runs on every exit
    return orders;
  },
});

/** Starts after the store and stops before it. It fails now and then, and gets up again. */
const feed = service(
  'feed',
  { needs: { store }, backoff: { first: '500ms', max: '10s' }, watchdog: '10s' },
  async (ctx) => {
    for (;;) {
      await ctx.sleep('1s'); // throws when the service is asked to stop: let it pass
      if (ctx.random() < 0.2) throw new Error('the connection was lost');
      ctx.needs.store.push(\`order \${ctx.needs.store.length + 1}\`);
      ctx.log.info('%s has come in', ctx.needs.store.at(-1));
      ctx.beat(); // without a beat for 10 s it counts as stuck, and is restarted
    }
  },
);

/** Counts what is there. */
const report = service('report', { needs: { store } }, async (ctx) => {
  for (;;) {
    await ctx.sleep('5s');
    ctx.log.info({ orders: ctx.needs.store.length }, 'so far');
  }
});

/** One that fails is restarted alone; the defaults never give up on it. */
export default supervisor('app', [store, feed, report]);
`;
