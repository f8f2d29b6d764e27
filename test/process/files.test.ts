import { describe, expect, it } from 'vitest';
import { daruma, folderWith, linesOf, patienceMs } from './daruma.ts';

/** What `daruma run app.ts` says in a folder with these files. */
async function said(files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const cwd = folderWith(files);
  const command = args.length === 0 ? ['app.ts'] : args;
  const { code, stdout, stderr } = await daruma(['run', ...command], { cwd }).exit;
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  return linesOf(stderr);
}

const feed =
  "import { service, supervisor } from 'daruma';\nconst feed = service('feed', () => {});\n";

describe('a services file', { timeout: patienceMs }, () => {
  it('that is not there', async () => {
    expect(await said({ 'services.ts': '' }, 'servces.ts')).toEqual([
      expect.stringMatching(/^✖ There is no servces\.ts in .*\.$/),
      '  Did you mean services.ts?',
    ]);
    expect(await said({ 'a.ts': '', 'b.d.ts': '' }, 'services.ts')).toContain('  Near it: a.ts.');
    expect(await said({})).toContain('  daruma init writes a project to start from.');
  });

  it('that exports nothing, or something else', async () => {
    expect(await said({ 'app.ts': '' })).toEqual([
      '✖ app.ts has no default export; it exports nothing.',
      "  export default supervisor('app', [first, second]);",
    ]);
    expect(
      await said({ 'app.ts': `${feed}export const app = supervisor('app', [feed]);` }),
    ).toEqual(['✖ app.ts has no default export; it exports app.', '  export default app;']);
    expect(await said({ 'app.ts': `${feed}export default feed;` })).toEqual([
      "✖ The default export of app.ts is the service 'feed'; it must be a supervisor.",
      "  export default supervisor('app', [feed]);",
    ]);
  });

  it('that imports what is not installed, or not there', async () => {
    expect(await said({ 'app.ts': "import 'no-such-package';" })).toEqual([
      '✖ app.ts imports the package no-such-package, which is not installed.',
      '  npm install no-such-package',
    ]);
    expect(await said({ 'app.ts': "import './lib.js';", 'lib.ts': '' })).toEqual([
      '✖ app.ts imports lib.js, which is not there.',
      '  There is lib.ts: Node wants the whole name of a file.',
    ]);
  });

  it('that imports a type as a value', async () => {
    const files = {
      'app.ts': "import { Row } from './row.ts';\nexport default {} as Row;",
      'row.ts': 'export type Row = number;',
    };

    expect(await said(files)).toEqual([
      '✖ app.ts:1 imports Row, which ./row.ts does not export.',
      "  import { Row } from './row.ts';",
      '           ^^^',
      "  If it is a type: import type { Row } from './row.ts';",
    ]);
  });

  it('with syntax that Node cannot strip', async () => {
    expect(await said({ 'app.ts': '\nexport enum Colour { red }' })).toEqual([
      '✖ app.ts:2: Node only strips types, and cannot run a TypeScript enum.',
      '  export enum Colour { red }',
      '         ^^^^^^^^^^^^^^^^^^^',
      "  Write an object: const Color = { red: 'red' } as const;",
      '  tsc finds all such places with "erasableSyntaxOnly": true.',
      '  Or run it with tsx: node --import tsx node_modules/.bin/daruma run app.ts',
    ]);
    expect((await said({ 'app.ts': 'class A { constructor(private a = 1) {} }' }))[0]).toBe(
      '✖ app.ts:1: Node only strips types, and cannot run a TypeScript parameter property.',
    );
  });

  it('with a syntax error', async () => {
    expect(await said({ 'app.ts': 'const x = ;' })).toEqual([
      '✖ app.ts:1 is not TypeScript: Expression expected.',
      '  const x = ;',
      '            ^',
    ]);
  });

  it('with a syntax error in JavaScript, of its own or of a file that it imports', async () => {
    const broken = 'export const port = (80;\n';

    expect(await said({ 'app.js': broken }, 'app.js')).toEqual([
      "✖ app.js:1 has a syntax error: Unexpected token ';'.",
      '  export const port = (80;',
      '                         ^',
    ]);
    expect(await said({ 'app.js': "import './port.js';", 'port.js': broken }, 'app.js')).toEqual([
      "✖ A file that app.js imports has a syntax error: Unexpected token ';'.",
      '  node --check FILE shows whether it is in that one.',
    ]);
  });

  it('that throws while it is imported', async () => {
    const text =
      "function load() {\n  throw new TypeError('no DATABASE_URL');\n}\nload();\nexport {};";

    expect(await said({ 'app.ts': text })).toEqual([
      '✖ app.ts throws while it is imported. TypeError: no DATABASE_URL',
      '  at load (app.ts:2:9)',
      '  at app.ts:4:1',
    ]);
  });

  it('that never finishes loading', async () => {
    expect(await said({ 'app.ts': 'await new Promise(() => {});' })).toEqual([
      '✖ app.ts never finishes loading: a top-level await does not settle.',
    ]);
  });
});

describe('a file that is no services file', { timeout: patienceMs }, () => {
  it('is looked for among its kind', async () => {
    const cwd = folderWith({ 'app.ts': '' });
    const { stderr } = await daruma(['diff', 'a.jsonl', 'b.jsonl'], { cwd }).exit;

    expect(linesOf(stderr)).toEqual([
      expect.stringMatching(/^✖ There is no a\.jsonl in /),
      '  checkTree(makeTree, { regressions: FOLDER }) keeps those of failures.',
    ]);
  });
});

describe('--config', { timeout: patienceMs }, () => {
  const app = `import { service, supervisor } from 'daruma';
    const url = { '~standard': { version: 1, vendor: 'test', validate: (value) =>
      typeof value.url === 'string' ? { value } : { issues: [{ message: 'a text', path: ['url'] }] } } };
    export default supervisor('app', [service('feed', { config: url }, (ctx) => {
      ctx.log.info(ctx.config, 'configured');
    })]);`;
  const withConfig = (name: string, text: string) =>
    said({ 'app.ts': app, [name]: text }, 'app.ts', '--config', name);

  it('names the file and the place of a fault', async () => {
    const lines = await withConfig('config.json', '{ "app/feed": { "url": 3 } }');

    expect(lines[0]).toBe('The configuration has 1 fault; nothing was started.');
    expect(lines[1]).toMatch(/^ {2}✖ config\.url: a text \(.*config\.json\)$/);
    expect(lines[2]).toBe('    at app/feed  DARUMA_INVALID_CONFIG');
  });

  it('must hold an object', async () => {
    expect(await withConfig('config.json', '[]')).toContain(
      '✖ config.json is a list; it must be an object.',
    );
    expect((await withConfig('config.json', '{\n  "a": 1,\n}'))[0]).toMatch(
      /^✖ config\.json:3:1 is not JSON: /,
    );
    expect(await withConfig('config.ts', 'export const a = 1;')).toContain(
      '✖ The default export of config.ts is undefined; it must be an object.',
    );
  });

  it('must be there', async () => {
    const files = { 'app.ts': app, 'config.json': '{}' };

    expect(await said(files, 'app.ts', '--config', 'confg.json')).toContain(
      '  Did you mean config.json?',
    );
  });

  it.each([
    ['config.json', '{ "app/feed": { "url": "x" } }'],
    ['config.ts', "export default { 'app/feed': { url: 'x' } };"],
  ])('is read from %s', async (name, text) => {
    const cwd = folderWith({ 'app.ts': app, [name]: text });
    const args = ['run', 'app.ts', '--config', name, '--for', '100ms', '--no-json'];
    const { code, stdout } = await daruma(args, { cwd }).exit;

    expect(code).toBe(0);
    expect(stdout).toContain('configured url=x');
  });
});
