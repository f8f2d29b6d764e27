import { describe, expect, it } from 'vitest';
import { createSystem, isDarumaError, service, supervisor } from '../../src/index.ts';
import { Lab, Puppet } from '../kernel/lab.ts';
import { codeOf } from '../services/storage/keeper.ts';
import { freshSchema, postgresUrl } from './postgres.ts';
import { password } from './server.ts';

const app = supervisor('app', [service('a', () => {})]);

function faultOf(storage: unknown): string {
  try {
    createSystem(app, { storage: storage as 'memory' });
  } catch (error) {
    if (isDarumaError(error)) return `${error.code}: ${error.message}`;
  }
  throw new Error('It was accepted.');
}

describe('the address of a storage in PostgreSQL', () => {
  it.each([
    ['mysql://ada:tell-nobody@db/app', "storage.postgres must begin with 'postgres://'."],
    ['postgres://ada:tell#nobody@db/app', "storage.postgres has a '#'"],
    ['postgres://ada:100%nobody@db/app', "storage.postgres has a '%' in its password"],
    ['postgres://ada:nobody@db:port/app', 'storage.postgres cannot be read as an address.'],
    [{ postgres: undefined }, 'storage.postgres must be text.'],
    [{ postgres: 'db/app?password=nobody' }, "must begin with 'postgres://'"],
  ])('is checked when the system is made: %j', (storage, problem) => {
    const fault = faultOf(storage);

    expect(fault).toContain('DARUMA_INVALID_OPTION');
    expect(fault).toContain(problem);
    expect(fault).not.toContain('nobody');
  });

  it('takes the options of a database, and not those of a file', () => {
    const postgres = 'postgres://db/app';

    expect(faultOf({ postgres, schema: 'My Tables' })).toContain("storage.schema is 'My Tables'");
    expect(faultOf({ postgres, schema: 'pg_mine' })).toContain("must not begin with 'pg_'");
    expect(faultOf({ postgres, connectWithin: 'soon' })).toContain('storage.connectWithin is');
    expect(faultOf({ postgres, busyTimeout: '5s' })).toBe(
      'DARUMA_UNKNOWN_OPTION: storage.busyTimeout does not go with storage.postgres.',
    );
    expect(faultOf({ file: 'a', schema: 'b' })).toContain('storage.schema does not go with a file');
    expect(faultOf({ postgres, shema: 'b' })).toContain('there is no option storage.shema');
  });

  it('is reported without its user and password', async () => {
    const puppet = new Puppet();
    const root = supervisor('app', [service('a', puppet.body)]);
    const schema = freshSchema();
    const lab = await new Lab(root, {
      storage: { postgres: await postgresUrl(), schema },
    }).start();
    await puppet.life.ctx.storage.set('a', 1);
    await lab.system.stop();

    const [opened] = lab.all('storage-opened');
    expect(opened?.file).toMatch(/^postgres:\/\/127\.0\.0\.1:\d+\/postgres \(schema \w+\)$/);
    const told = JSON.stringify(lab.events);
    expect(told).not.toContain(password);
    expect(told).not.toContain(encodeURIComponent(password));
  });

  it('that nobody answers at is an error of the service that stores something', async () => {
    const puppet = new Puppet();
    const root = supervisor('app', [service('a', puppet.body)]);
    const storage = { postgres: 'postgres://127.0.0.1:1/app', connectWithin: 50 };
    const lab = await new Lab(root, { storage }).start();

    expect(await codeOf(puppet.life.ctx.storage.set('a', 1))).toBe('DARUMA_STORAGE_UNREACHABLE');
    expect(lab.all('storage-failed')).toHaveLength(1);
    await lab.system.stop();
  });
});
