import { resolve } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';
import { settings } from '../../examples/watchtower/settings.ts';

vi.mock('daruma', () => import('../../src/index.ts'));

function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
}

const read = (argv: string[], values: object = {}) => v.parse(settings(argv), values);

describe('settings of the watchtower', () => {
  it('watches a target of its own when there is nothing else', () => {
    expect(read([])).toMatchObject({
      isDemo: true,
      urls: [],
      files: [resolve('.watchtower/target.log')],
      report: resolve('.watchtower'),
      every: 1_000,
      timeout: 2_000,
      failures: 3,
    });
  });

  it('takes flags, several URLs and files among them', () => {
    const argv = '--url http://a/ --url https://b/x --file a.log --file /b.log --every 1.5s';

    expect(read([...argv.split(' '), '--report', 'out'])).toMatchObject({
      isDemo: false,
      urls: ['http://a/', 'https://b/x'],
      files: [resolve('a.log'), '/b.log'],
      report: resolve('out'),
      every: 1_500,
    });
  });

  it('looks less often at what is real', () => {
    expect(read(['--file', 'a.log'])).toMatchObject({ isDemo: false, urls: [], every: 10_000 });
  });

  it('takes configuration, over which flags win', () => {
    const values = { urls: ['http://c/'], every: 500, failures: 1 };

    expect(read(['--url', 'http://a/'], values)).toMatchObject({
      urls: ['http://a/'],
      every: 500,
      failures: 1,
    });
  });

  it.each([
    ['--every soon', '--every: "soon" is not a duration, such as "500ms", "10s" or "5m"'],
    ['--every 0s', '--every: "0s" is not a duration'],
    ['--timeout never', '--timeout: "never" is not a duration'],
    ['--url example.com', '--url: "example.com" is not a URL that begins with http:// or https://'],
    ['--url ftp://example.com', '--url: "ftp://example.com" is not a URL'],
    ['--url http://ada:secret@a/', '--url: fetch refuses a URL with a password in it'],
    ['--urls x', "Unknown option '--urls'"],
    ['--every', "'--every <value>' argument missing"],
    ['http://a/', "Unexpected argument 'http://a/'"],
  ])('refuses %s', (argv, message) => {
    const error = errorOf(() => settings(argv.split(' ')));

    expect(error).toMatchObject({
      code: 'DARUMA_USAGE',
      message: expect.stringContaining(message),
    });
    expect(error).not.toMatchObject({ message: expect.stringContaining('secret') });
  });

  it('names everything that is wrong at once', () => {
    expect(() => settings(['--url', 'x', '--every', 'y'])).toThrow(/--url: .*; --every: /);
  });

  it.each([
    ['every', { every: true }],
    ['every', { every: -1 }],
    ['urls', { urls: 'http://a/' }],
    ['failures', { failures: 0 }],
  ])('refuses a configuration whose %s is wrong: %j', (key, values) => {
    const { issues } = v.safeParse(settings([]), values);

    expect(issues?.map(({ path }) => path?.[0].key)).toEqual([key]);
  });
});
