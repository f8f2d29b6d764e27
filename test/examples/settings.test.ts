import { resolve } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { settings } from '../../examples/watchtower/settings.ts';

function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
}

const read = (argv: string[], values: object = {}) => v.parse(settings(argv), values);

describe('settings of the watchtower', () => {
  it('watches a site of its own when there is nothing else', () => {
    expect(read([])).toEqual({
      isDemo: true,
      targets: ['home', 'orders', 'search', 'admin'].map((name) => ({ name, url: `/${name}` })),
      report: resolve('.watchtower'),
      every: 1_000,
      timeout: 400,
      keep: 86_400_000,
      failures: 3,
      summary: '*/10 * * * * *',
    });
  });

  it('takes flags, several URLs among them', () => {
    const argv =
      '--url http://a/ --url https://b/x?token=1 --every 1.5s --keep 2h --import a.jsonl';

    expect(read([...argv.split(' '), '--report', 'out'])).toMatchObject({
      isDemo: false,
      targets: [
        { name: 'a', url: 'http://a/' },
        { name: 'b-x', url: 'https://b/x?token=1' },
      ],
      report: resolve('out'),
      every: 1_500,
      keep: 7_200_000,
      import: 'a.jsonl',
    });
  });

  it('looks less often at what is real, and tells of it in the morning', () => {
    expect(read(['--url', 'http://a/'])).toMatchObject({
      every: 10_000,
      timeout: 2_000,
      summary: '0 6 * * *',
    });
  });

  it('takes configuration, over which flags win', () => {
    const values = { urls: ['http://c/'], every: 500, failures: 1 };

    expect(read(['--url', 'http://a/'], values)).toMatchObject({
      targets: [{ name: 'a' }],
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
