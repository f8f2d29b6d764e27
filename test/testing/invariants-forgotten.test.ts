import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { restartTypeRespected } from '../../src/testing/invariants/restart-type.ts';
import { messagesOf } from './trace-of.ts';

describe('restartTypeRespected, of what is forgotten,', () => {
  const child = (name: string, options: object) => service(name, options, async () => {});
  const app = supervisor('app', [
    child('permanent', {}),
    child('transient', { restart: 'transient' }),
    child('temporary', { restart: 'temporary' }),
  ]);
  const dropped = (id: string, before = '') => {
    const run = `0 starting app#1\nstarting app/${id}#1\nready app/${id}#1\n5 ended app/${id}#1 {"reason":"normal"}`;
    return messagesOf(restartTypeRespected, app, `${run}\n${before}dropped app/${id}#1`);
  };

  it('allows temporary children, and who is down for good', () => {
    expect(dropped('temporary')).toEqual([]);
    expect(dropped('transient')).toEqual([]);
    expect(dropped('permanent', 'stopped app/permanent#1\n')).toEqual([]);
  });

  it('objects to others', () => {
    expect(dropped('permanent', 'backoff app/permanent#1\n')).toEqual([
      'app/permanent, which is permanent, is forgotten at 5 ms, and nobody has removed it.',
    ]);
  });
});
