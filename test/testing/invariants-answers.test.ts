import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { callsAnswered } from '../../src/testing/invariants/calls-answered.ts';
import { messagesOf } from './trace-of.ts';

const items = [service('api', async () => {}), service('db', async () => {})] as const;
const app = supervisor('app', items);
const all = supervisor('app', { strategy: 'one-for-all' }, items);

// Seven events: the call of each line below is the eighth, unless it says otherwise.
const up = [
  '0 starting app#1',
  ...['api', 'db'].flatMap((id) => [`starting app/${id}#1`, `ready app/${id}#1`]),
  'ready app#1',
  'phase app#1 {"phase":"running"}',
].join('\n');
const later = '\n9999 finished app';
const judged = (text: string, tree = app) =>
  messagesOf(callsAnswered, tree, `${up}\n${text}${later}`);

const stop = '5 call app/db';
const start = '5 call app/db {"call":"start"}';
const restart = '5 call app/db {"call":"restart"}';
const down = 'stop-requested app/db#1\nended app/db#1';
const done = 'answered app/db {"to":8}';
const refused = (code: string) => `answered app/db {"to":8,"refusal":"${code}"}`;

describe('callsAnswered', () => {
  it.each([
    ['a stop that is answered when it is down', `${stop}\n${down}\n${done}`],
    ['one that takes its time', `${stop}\nstop-requested app/db#1\n70 ended app/db#1\n${done}`],
    ['a stop of what is down already', `5 ended app/db#1\n6 call app/db\nanswered app/db {"to":9}`],
    ['a start that is refused', `${start}\n${refused('DARUMA_RUNNING')}`],
    ['a restart', `${restart}\n${down}\nstarting app/db#2\n70 ready app/db#2\n${done}`],
    ['a restart whose start fails', `${restart}\n${down}\nstopped app/db#1\n${refused('Error')}`],
    [
      'a restart of what comes up before it goes down',
      `5 ended app/db#1\nstarting app/db#2\ncall app/db {"call":"restart"}\nready app/db#2\n9 stop-requested app/db#2\nended app/db#2\nstarting app/db#3\nready app/db#3\nanswered app/db {"to":10}`,
    ],
    [
      'a restart that somebody stops on its way up',
      `${restart}\n${down}\nstarting app/db#2\ncall app/db\nready app/db#2\n9 ended app/db#2\nstopped app/db#2\n${refused('DARUMA_STOPPED')}\nanswered app/db {"to":12}`,
    ],
    ['a start that is not needed', `${start}\nignored app/db#1\n${done}`],
    [
      'a refused stop in the instant in which the supervisor begins',
      `7 starting app#2\ncall app/db\nanswered app/db {"to":9,"refusal":"DARUMA_NOT_RUNNING"}`,
    ],
    ['a call about what is not there', `${stop}\n${refused('absent')}`],
    [
      'a refused stop in a tree that goes',
      `5 stop-requested app#1
call app/db
answered app/db {"to":9,"refusal":"DARUMA_NOT_RUNNING"}`,
    ],
  ])('allows %s', (_what, text) => {
    expect(judged(text)).toEqual([]);
  });

  it('knows that a start by hand is one attempt', () => {
    const failed = `${restart}\n${down}\nstarting app/db#2\nbody-over app/db#2\nstart-failed app/db#2`;

    expect(judged(`${failed}\n9 ${refused('Error')}`)).toEqual([]);
    expect(judged(failed)).toEqual([
      'restart() was called on app/db at 5 ms; at 5 ms it has failed to start, and the caller has not heard.',
    ]);
  });

  it('leaves open what goes down with its group', () => {
    const group = 'ended app/api#1 {"reason":"error"}\nbackoff app/api#1 {"delayMs":500}';
    const text = `${restart}\n${down}\nstarting app/db#2\n${group}\nready app/db#2\n7 note app`;

    expect(judged(`${text}\n70 ready app/db#2\n${done}`, all)).toEqual([]);
    expect(judged(`${text}\n70 ready app/db#2\n${done}`)[0]).toMatch(/at 5 ms it is up/);
  });

  it.each([
    [
      'a stop that nobody hears of',
      `${stop}\n${down}`,
      /at 5 ms it is down, and the caller has not/,
    ],
    ['a stop that is answered too early', `${stop}\n${done}\n9 ended app/db#1`, /is still up/],
    [
      'a stop that is refused for no reason',
      `${stop}\n${refused('DARUMA_NOT_RUNNING')}`,
      /refused \(DARUMA_NOT_RUNNING\) although its supervisor is up/,
    ],
    [
      'a restart that is answered before it is up',
      `${restart}\n${down}\nstarting app/db#2\n${done}`,
      /though it has not come up/,
    ],
    [
      'a restart that nobody hears of',
      `${restart}\n${down}\nstarting app/db#2\n6 ready app/db#2`,
      /at 6 ms it is up, and the caller has not heard/,
    ],
    [
      'a start that failed, and nobody hears of it',
      `5 ended app/db#1\nstopped app/db#1\n6 call app/db {"call":"start"}\nstarting app/db#2\nstart-failed app/db#2\nstopped app/db#2`,
      /at 6 ms it is stopped/,
    ],
    [
      'a restart that is refused because somebody else did it',
      `${restart}\n${down}\nstarting app/db#2\nready app/db#2\n${refused('DARUMA_RUNNING')}`,
      /refused because it runs/,
    ],
    ['a call that stays open to the end', `${restart}\nstop-requested app/db#1`, /by the end/],
  ])('objects to %s', (_what, text, message) => {
    expect(judged(text)[0]).toMatch(message);
  });
});
