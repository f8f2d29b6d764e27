import { describe, expect, it } from 'vitest';
import { service } from '../../src/define/service.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { faultsOf, faultsOfService, faultsOfSupervisor, idle, wrongly } from './faults-of.ts';

describe('faults of options', () => {
  it.each([
    ['startWithin', '5 s'],
    ['startWithin', -1],
    ['watchdog', 0],
    ['watchdog', 'soon'],
  ])('DARUMA_INVALID_DURATION: %s %s', (name, value) => {
    expect(faultsOfService({ [name]: value })).toMatchSnapshot();
  });

  it('DARUMA_INVALID_DURATION says what was given and what is possible', () => {
    expect(faultsOfService({ backoff: { first: '5 s' } })).toMatchInlineSnapshot(`
      "  - app/feed: backoff.first is '5 s'; that is not a duration. [DARUMA_INVALID_DURATION]
          Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'."
    `);
  });

  it('DARUMA_INVALID_STOP_WITHIN', () => {
    expect(faultsOfService({ stopWithin: -10 })).toMatchInlineSnapshot(`
      "  - app/feed: stopWithin is -10; it must not be negative. [DARUMA_INVALID_STOP_WITHIN]
          Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'. Or 'brutal' or 'infinity'."
    `);
    expect(faultsOfService({ stopWithin: 'infinite' })).toMatchInlineSnapshot(`
      "  - app/feed: stopWithin is 'infinite'; that is not a duration. [DARUMA_INVALID_STOP_WITHIN]
          Did you mean 'infinity'?"
    `);
    expect(faultsOfSupervisor({ stopWithin: 'brutal' })).toMatchInlineSnapshot(`
      "  - app/edge: stopWithin is 'brutal'; that is not a duration. [DARUMA_INVALID_STOP_WITHIN]
          Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'. Or 'infinity'."
    `);
  });

  it('DARUMA_UNKNOWN_OPTION', () => {
    expect(faultsOfService({ watchdogg: '5s' })).toMatchInlineSnapshot(`
      "  - app/feed: there is no option watchdogg. [DARUMA_UNKNOWN_OPTION]
          Did you mean 'watchdog'?"
    `);
    expect(faultsOfService({ strategy: 'one-for-all' })).toMatchInlineSnapshot(`
      "  - app/feed: there is no option strategy. [DARUMA_UNKNOWN_OPTION]
          It is an option of a supervisor."
    `);
    expect(faultsOfService({ backoff: { initial: 1 } })).toMatchInlineSnapshot(`
      "  - app/feed: there is no option backoff.initial. [DARUMA_UNKNOWN_OPTION]
          Did you mean 'first'?"
    `);
    expect(faultsOfSupervisor({ maxRestarts: 3 })).toMatchInlineSnapshot(`
      "  - app/edge: there is no option maxRestarts. [DARUMA_UNKNOWN_OPTION]
          The budget of restarts is intensity (how many) and period (in how long)."
    `);
    expect(faultsOfSupervisor({ zzzzzz: 3 })).toMatchInlineSnapshot(`
      "  - app/edge: there is no option zzzzzz. [DARUMA_UNKNOWN_OPTION]
          Options: restart, significant, backoff, config, stopWithin, strategy, start, intensity, period, whenExhausted, autoShutdown, template, maxChildren."
    `);
  });

  it('DARUMA_INVALID_RESTART', () => {
    expect(faultsOfService({ restart: 'prmanent' })).toMatchInlineSnapshot(`
      "  - app/feed: restart is 'prmanent'; it must be 'permanent', 'transient' or 'temporary'. [DARUMA_INVALID_RESTART]
          Did you mean 'permanent'?"
    `);
    expect(faultsOfSupervisor({ restart: 'on-failure' })).toMatchInlineSnapshot(
      `
      "  - app/edge: restart is 'on-failure'; it must be 'permanent', 'transient' or 'temporary'. [DARUMA_INVALID_RESTART]
          Did you mean 'transient'?"
    `,
    );
  });

  it('DARUMA_INVALID_STRATEGY', () => {
    expect(faultsOfSupervisor({ strategy: 'none-for-one' })).toMatchInlineSnapshot(`
      "  - app/edge: strategy is 'none-for-one'; it must be 'one-for-one', 'one-for-all', 'rest-for-one' or 'dynamic'. [DARUMA_INVALID_STRATEGY]
          Did you mean 'one-for-one'?"
    `);
    expect(faultsOfSupervisor({ strategy: 'oneForAll' })).toMatchInlineSnapshot(`
      "  - app/edge: strategy is 'oneForAll'; it must be 'one-for-one', 'one-for-all', 'rest-for-one' or 'dynamic'. [DARUMA_INVALID_STRATEGY]
          Did you mean 'one-for-all'?"
    `);
  });

  it('DARUMA_INVALID_STRATEGY alone, where a template or the children depend on it', () => {
    const template = service('worker', idle);
    const pool = supervisor('app', wrongly({ strategy: 'dynamc', template }));

    expect(faultsOf(pool)).toMatchInlineSnapshot(`
      "  - app: strategy is 'dynamc'; it must be 'one-for-one', 'one-for-all', 'rest-for-one' or 'dynamic'. [DARUMA_INVALID_STRATEGY]
          Did you mean 'dynamic'?"
    `);
  });

  it('DARUMA_INVALID_INTENSITY', () => {
    expect(faultsOfSupervisor({ intensity: -1 })).toMatchInlineSnapshot(
      `"  - app/edge: intensity is -1; it must be a whole number, 0 or more. [DARUMA_INVALID_INTENSITY]"`,
    );
    expect(faultsOfSupervisor({ intensity: 1.5 })).toMatchInlineSnapshot(
      `"  - app/edge: intensity is 1.5; it must be a whole number, 0 or more. [DARUMA_INVALID_INTENSITY]"`,
    );
  });

  it('DARUMA_INVALID_PERIOD', () => {
    expect(faultsOfSupervisor({ period: 0 })).toMatchInlineSnapshot(
      `"  - app/edge: period is 0; it must be above 0. [DARUMA_INVALID_PERIOD]"`,
    );
    expect(faultsOfSupervisor({ period: 'minute' })).toMatchInlineSnapshot(`
      "  - app/edge: period is 'minute'; that is not a duration. [DARUMA_INVALID_PERIOD]
          Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'."
    `);
  });

  it('DARUMA_INVALID_AUTO_SHUTDOWN', () => {
    expect(faultsOfSupervisor({ autoShutdown: 'any_significant' })).toMatchInlineSnapshot(`
      "  - app/edge: autoShutdown is 'any_significant'; it must be 'never', 'any-significant' or 'all-significant'. [DARUMA_INVALID_AUTO_SHUTDOWN]
          Did you mean 'any-significant'?"
    `);
  });

  it('DARUMA_INVALID_SIGNIFICANT', () => {
    const under = (autoShutdown: 'never' | 'any-significant', options: object) =>
      faultsOf(
        supervisor('app', { autoShutdown }, [
          service('x', { significant: true, ...options }, idle),
        ]),
      );

    expect(under('never', { restart: 'transient' })).toMatchInlineSnapshot(`
      "  - app/x: it is significant, but its supervisor has autoShutdown: 'never'. [DARUMA_INVALID_SIGNIFICANT]
          Give the supervisor autoShutdown: 'any-significant' or 'all-significant'."
    `);
    expect(under('any-significant', {})).toMatchInlineSnapshot(`
      "  - app/x: it is significant and permanent: it is always restarted, never over. [DARUMA_INVALID_SIGNIFICANT]
          Make it 'transient' or 'temporary'."
    `);
    expect(
      faultsOf(supervisor('app', { significant: true, restart: 'transient' }, [])),
    ).toMatchInlineSnapshot(`
      "  - app: it is significant, but the root has no supervisor to shut down. [DARUMA_INVALID_SIGNIFICANT]
          Remove significant; set it on children, and autoShutdown on the root."
    `);
  });

  it('DARUMA_INVALID_BACKOFF', () => {
    expect(faultsOfService({ backoff: { first: '1s', max: '100ms' } })).toMatchInlineSnapshot(`
      "  - app/feed: backoff.max is 100ms, below backoff.first, 1s. [DARUMA_INVALID_BACKOFF]
          No delay is longer than max: raise max, or lower first."
    `);
    expect(faultsOfService({ backoff: { first: '1m' } })).toMatchInlineSnapshot(`
      "  - app/feed: backoff.max is 30s, its default, below backoff.first, 1m. [DARUMA_INVALID_BACKOFF]
          No delay is longer than max: raise max, or lower first."
    `);
    expect(faultsOfService({ backoff: { factor: 0.5 } })).toMatchInlineSnapshot(
      `"  - app/feed: backoff.factor is 0.5; it must be a number, 1 or more. [DARUMA_INVALID_BACKOFF]"`,
    );
    expect(faultsOfService({ backoff: { jitter: 'ful' } })).toMatchInlineSnapshot(`
      "  - app/feed: backoff.jitter is 'ful'; it must be 'full', 'equal' or 'none'. [DARUMA_INVALID_BACKOFF]
          Did you mean 'full'?"
    `);
    expect(faultsOfService({ backoff: '1s' })).toMatchInlineSnapshot(`
      "  - app/feed: backoff is '1s'; it must be an object. [DARUMA_INVALID_BACKOFF]
          backoff: { first: '100ms', max: '30s' }"
    `);
  });

  it('DARUMA_INVALID_CONFIG, for a schema that is none', () => {
    expect(faultsOfService({ config: { url: 'https://example.org' } })).toMatchInlineSnapshot(`
      "  - app/feed: config is an object; it must be a Standard Schema. [DARUMA_INVALID_CONFIG]
          Use a schema of valibot, zod, arktype or the like; values go to createSystem(app, { config })."
    `);
  });

  it.each([
    [{ firstStart: 'rety' }],
    [{ onLoss: 'suspnd' }],
    [{ whileDown: 'queue' }],
    [{ ready: 'Manual' }],
    [{ ready: () => true }],
    [{ mailbox: 0 }],
    [{ mailbox: '10' }],
    [{ significant: 'yes' }],
    [{ decide: 'stop' }],
    [{ receive: idle }],
    [{ receive: { ping: 1 } }],
    [{ needs: ['app/a'] }],
  ])('DARUMA_INVALID_OPTION of a service: %o', (options) => {
    expect(faultsOfService(options)).toMatchSnapshot();
  });

  it.each([[{ start: 'paralel' }], [{ whenExhausted: 'giveup' }], [{ maxChildren: 3 }]])(
    'DARUMA_INVALID_OPTION of a supervisor: %o',
    (options) => {
      expect(faultsOfSupervisor(options)).toMatchSnapshot();
    },
  );

  it('DARUMA_INVALID_OPTION, for a negative maxChildren', () => {
    const template = service('w', idle);
    const pool = supervisor('app', { strategy: 'dynamic', template, maxChildren: -1 });

    expect(faultsOf(pool)).toMatchInlineSnapshot(
      `"  - app: maxChildren is -1; it must be a whole number, 0 or more. [DARUMA_INVALID_OPTION]"`,
    );
  });

  it('DARUMA_INVALID_OPTION, for options that are none', () => {
    expect(faultsOf(supervisor('app', wrongly(service('feed', idle))))).toMatchInlineSnapshot(`
      "  - app: its options are the service 'feed'; they must be an object. [DARUMA_INVALID_OPTION]
          Children are a list: supervisor('app', [feed])."
    `);
    expect(faultsOf(supervisor('app', [service('feed', wrongly('5s'))]))).toMatchInlineSnapshot(
      `"  - app/feed: its options are '5s'; they must be an object. [DARUMA_INVALID_OPTION]"`,
    );
  });
});
