import { describe, expect, it } from 'vitest';
import { compileTree } from '../../src/define/compile.ts';
import { service, supervisor } from '../../src/index.ts';
import { checkTrace } from '../../src/testing/invariant.ts';
import { assertionsHold } from '../../src/testing/invariants/assertions.ts';
import { boundedStop } from '../../src/testing/invariants/bounded-stop.ts';
import { fencedWhenOver } from '../../src/testing/invariants/fencing.ts';
import { hooksCalled } from '../../src/testing/invariants/hooks-called.ts';
import { phasesInOrder } from '../../src/testing/invariants/phases.ts';
import { resourcesReturned } from '../../src/testing/invariants/resources-returned.ts';
import { watchdogBites } from '../../src/testing/invariants/watchdog.ts';
import { TreeInfo } from '../../src/testing/tree-info.ts';
import { messagesOf, traceOf } from './trace-of.ts';

const db = service('db', { stop: () => {}, drain: async () => {}, watchdog: '1s' }, async () => {});
const app = supervisor('app', [db]);
const limits = { stopWithinMs: 24_000, bootWithinMs: 60_000 };

const up = '0 starting app#1\nstarting app/db#1\nbody-begun app/db#1\nready app/db#1\nready app#1';
const later = '\n90000 finished app';
const phase = (name: string) => `phase app {"phase":"${name}"}`;

describe('phasesInOrder', () => {
  const judge = (text: string) =>
    checkTrace(new TreeInfo(compileTree(app).root, limits), traceOf(text), [phasesInOrder]).map(
      ({ message }) => message,
    );
  const running = `0 ${phase('booting')}\n${up}\n${phase('running')}`;

  it('allows a whole life', () => {
    const text = `${running}\n9 call app\n${phase('draining')}\n12 ${phase('stopping')}\n${phase('stopped')}`;

    expect(judge(`${text}${later}`)).toEqual([]);
  });

  it.each([
    ['a stop that is not heard', `${running}\n9 call app`, /goes on running/],
    ['a signal that is not heard', `${running}\n9 signal app`, /goes on running/],
    [
      'a second signal that is waited out',
      `${running}\n9 signal app\n${phase('draining')}\n10 signal app {"count":2}`,
      /waits on/,
    ],
    ['a stop without draining', `${running}\n9 call app\n${phase('stopping')}`, /before it was/],
    ['a boot that never ends', `0 ${phase('booting')}\n61000 note app`, /booting for/],
    ['a root that is ready in vain', `0 ${phase('booting')}\n${up}`, /goes on booting/],
    [
      'draining that takes all the time',
      `${running}\n9 call app\n${phase('draining')}\n13000 note app`,
      /draining for/,
    ],
  ])('objects to %s', (_what, text, message) => {
    expect(judge(`${text}${later}`)[0]).toMatch(message);
  });
});

describe('boundedStop', () => {
  const judge = (limitMs: number) => {
    const slow = supervisor('app', [service('db', { stopWithin: '60s' }, async () => {})]);
    const text = `${up}\n1000 ${phase('draining')}\n4000 stop-requested app#1 {"limitMs":null}\nstop-requested app/db#1 {"limitMs":${limitMs}}\nended app/db#1`;
    return checkTrace(new TreeInfo(compileTree(slow).root, limits), traceOf(text), [boundedStop]);
  };

  it('objects to a brutal child that is asked', () => {
    const root = supervisor('app', [service('db', { stopWithin: 'brutal' }, async () => {})]);
    const text = `${up}\n5 call app/db\nstop-requested app/db#1 {"limitMs":0}\nended app/db#1`;

    expect(messagesOf(boundedStop, root, text)).toEqual([
      'app/db, which is brutal, is asked to stop.',
    ]);
  });

  it('objects to what is still up when its supervisor should be down', () => {
    const root = supervisor('app', { stopWithin: '1s' }, [db]);
    const text = `${up}\n5 call app/db\nstop-requested app/db#1\n6 stop-requested app#1 {"limitMs":null}`;

    expect(messagesOf(boundedStop, root, `${text}\n1006 ended app/db#1`)).toEqual([]);
    expect(messagesOf(boundedStop, root, `${text}\n2000 ended app/db#1`)).toEqual([
      'app/db#1 is stopping at 2000 ms, and app should be down by 1006 ms.',
    ]);
  });

  it('knows what is left of the grace period of the system', () => {
    expect(judge(21_000)).toEqual([]);
    expect(judge(22_000)).toHaveLength(1);
    expect(judge(20_000)).toHaveLength(1);
  });
});

describe('hooksCalled', () => {
  const asked = `${up}\n5 stop-requested app/db#1\naborted app/db#1`;
  const over = 'body-over app/db#1\nended app/db#1';

  it('allows one stop hook for one stop', () => {
    expect(messagesOf(hooksCalled, app, `${asked}\nhook app/db#1\n${over}`)).toEqual([]);
  });

  it('allows none for a body that was over before', () => {
    const text = `${up}\n5 stop-requested app/db#1\nbody-over app/db#1\naborted app/db#1\nended app/db#1`;

    expect(messagesOf(hooksCalled, app, text)).toEqual([]);
  });

  it.each([
    ['one that is not called', `${asked}\n${over}`],
    ['one that is called twice', `${asked}\nhook app/db#1\nhook app/db#1`],
    ['one that nobody has asked for', `${up}\n5 aborted app/db#1\nhook app/db#1`],
    ['draining that leaves one out', `${up}\n5 ${phase('draining')}${later}`],
  ])('objects to %s', (_what, text) => {
    expect(messagesOf(hooksCalled, app, text)).toHaveLength(1);
  });

  it('allows draining that calls all', () => {
    const text = `${up}\n5 ${phase('draining')}\nhook app/db#1 {"hook":"drain"}${later}`;

    expect(messagesOf(hooksCalled, app, text)).toEqual([]);
  });
});

describe('fencedWhenOver', () => {
  it('allows a body to use its context until it is over', () => {
    const text = `${up}\n5 aborted app/db#1\ncontext-used app/db#1`;

    expect(messagesOf(fencedWhenOver, app, text)).toEqual([]);
  });

  it.each([
    ['that was abandoned', `${up}\n5 unstopped app/db#1\n9 context-used app/db#1`],
    ['that has a successor', `${up}\n5 ended app/db#1\nstarting app/db#2\ncontext-used app/db#1`],
  ])('objects to one %s', (_what, text) => {
    expect(messagesOf(fencedWhenOver, app, text)).toHaveLength(1);
  });
});

describe('resourcesReturned', () => {
  const resource = (did: string, nth: number) => `resource app/db#1 {"did":"${did}","nth":${nth}}`;
  const held = `${up}\n${resource('acquired', 1)}\n${resource('acquired', 2)}`;
  const returned = (nth: number) => `${resource('returning', nth)}\n${resource('returned', nth)}`;
  const ended = 'ended app/db#1';

  it('allows the last first, all before the end', () => {
    const text = `${held}\n5 ${returned(2)}\n${returned(1)}\n${ended}`;

    expect(messagesOf(resourcesReturned, app, text)).toEqual([]);
  });

  it('allows what is cut off to give things back afterwards', () => {
    const text = `${held}\n5 ${ended} {"reason":"killed"}\n9 ${returned(2)}`;

    expect(messagesOf(resourcesReturned, app, text)).toEqual([]);
  });

  it('says nothing of one that has the id of another, which was abandoned and still gives back', () => {
    const again = `starting app/db#1\n${resource('acquired', 1)}\n8 ${returned(1)}\n9 ${returned(1)}`;

    expect(messagesOf(resourcesReturned, app, `${held}\n5 ${again}`)).toEqual([]);
  });

  it.each([
    ['the first first', `5 ${returned(1)}`],
    ['two at a time', `5 ${resource('returning', 2)}\n${resource('returning', 1)}`],
    ['the same twice', `5 ${returned(2)}\n${returned(2)}`],
    ['an end in between', `5 ${returned(2)}\n${ended}`],
    ['an end beside it', `5 ${returned(2)}\n${resource('returning', 1)}\n${ended}`],
  ])('objects to %s', (_what, text) => {
    expect(messagesOf(resourcesReturned, app, `${held}\n${text}`)).toHaveLength(1);
  });
});

describe('watchdogBites', () => {
  const stuck = '5 fault app/db#1 {"fault":{"kind":"stuck","trigger":{"at":5}}}';

  it('allows one that bites when it is due', () => {
    expect(
      messagesOf(
        watchdogBites,
        app,
        `${up}\n${stuck}\n1000 overdue app/db#1\naborted app/db#1${later}`,
      ),
    ).toEqual([]);
  });

  it('objects to one that does not', () => {
    expect(messagesOf(watchdogBites, app, `${up}\n${stuck}${later}`)).toHaveLength(1);
  });

  it('asks nothing of the life after it, though it has the same number', () => {
    const again = `6 killed app\nphase app {"phase":"booting"}\n${up.replace(/^0/, '6')}`;

    expect(messagesOf(watchdogBites, app, `${up}\n${stuck}\n${again}${later}`)).toEqual([]);
  });

  it('objects to one that bites too early', () => {
    expect(
      messagesOf(watchdogBites, app, `${up}\n900 overdue app/db#1 {"sinceBeatMs":900}`),
    ).toHaveLength(1);
  });
});

describe('assertionsHold', () => {
  it('objects to an assertion that fails, whoever was struck', () => {
    const ended = (name: string) =>
      `${up}\n5 ended app/db#1 {"reason":"error","error":{"name":"${name}","message":"no"}}`;

    expect(messagesOf(assertionsHold, app, ended('Error'))).toEqual([]);
    expect(messagesOf(assertionsHold, app, ended('AssertionError'))).toEqual([
      'An assertion of app/db#1 fails at 5 ms: no',
    ]);
  });
});
