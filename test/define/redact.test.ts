import { describe, expect, it } from 'vitest';
import { isSecretKey, redact } from '../../src/config.ts';

describe('redact', () => {
  it.each([
    'password',
    'dbPassword',
    'DB_PASSWORD',
    'passwd',
    'passphrase',
    'secret',
    'clientSecret',
    'token',
    'accessToken',
    'apiKey',
    'api_key',
    'API_KEY',
    'private-key',
    'signingKey',
    'key',
    'credentials',
    'Authorization',
    'cookie',
    'pass',
    'apiKeys',
    'dbpassword',
    'AWS_SECRET_ACCESS_KEY',
    'dsn',
  ])('masks %s', (key) => {
    expect(isSecretKey(key)).toBe(true);
    expect(redact({ [key]: 'x' })).toEqual({ [key]: '[redacted]' });
  });

  it.each([
    'keyboard',
    'monkey',
    'keys',
    'passenger',
    'compass',
    'bypassing',
    'url',
    'author',
    'primaryColor',
    'hockey',
    'publicKey',
  ])('shows %s', (key) => {
    expect(redact({ [key]: 'x' })).toEqual({ [key]: 'x' });
  });

  it('masks secrets deep inside, whatever they are', () => {
    expect(redact({ a: [{ token: { id: 1 } }], secrets: ['x'], db: { password: 7 } })).toEqual({
      a: [{ token: '[redacted]' }],
      secrets: '[redacted]',
      db: { password: '[redacted]' },
    });
  });

  it('shows that a secret is missing', () => {
    expect(redact({ token: undefined, secret: null, password: '', hasPassword: true })).toEqual({
      token: undefined,
      secret: null,
      password: '',
      hasPassword: true,
    });
  });

  it('masks who logs in to a URL', () => {
    expect(redact('postgres://ada:pa@ss@db.local:5432/app?x=a@b')).toBe(
      'postgres://[redacted]@db.local:5432/app?x=a@b',
    );
    expect(redact(new URL('https://token@example.org/'))).toBe('https://[redacted]@example.org/');
    expect(redact('https://example.org/@ada')).toBe('https://example.org/@ada');
    expect(redact('connect to redis://:x@cache failed')).toBe(
      'connect to redis://[redacted]@cache failed',
    );
  });

  it('follows maps, sets and lists, and names circles and functions', () => {
    const circle: Record<string, unknown> = { fn: () => {} };
    circle.self = circle;

    expect(redact(circle)).toEqual({ fn: '[function]', self: '[circular]' });
    expect(redact(new Error('redis://:x@cache'))).toBe('Error: redis://[redacted]@cache');
    expect(redact(new Map([['token', 'x']]))).toEqual({ token: '[redacted]' });
    expect(redact(new Set(['https://a:b@c']))).toEqual(['https://[redacted]@c']);
  });

  it('shows the same object twice where it stands twice', () => {
    const shared = { a: 1 };

    expect(redact([shared, shared])).toEqual([shared, shared]);
  });

  it('changes nothing', () => {
    const value = { password: 'x' };
    redact(value);

    expect(value).toEqual({ password: 'x' });
  });
});
