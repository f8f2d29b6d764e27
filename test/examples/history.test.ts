import { describe, expect, it } from 'vitest';
import { History, historyIn } from '../../examples/watchtower/lib/history.ts';

const row = (at: number) => ({
  at,
  urlsUp: 1,
  urls: 2,
  load: 0.5,
  memory: 0.25,
  loopDelayP99: 1,
  errorsInLastMinute: 0,
  openIncidents: 1,
});

describe('History', () => {
  it('keeps the latest rows', () => {
    const history = new History([row(1), row(2), row(3)], 2);

    history.add(row(4));

    expect(history.rows.map(({ at }) => at)).toEqual([3, 4]);
  });

  it('is read back from a report', () => {
    const report = JSON.stringify({ at: 5, probes: [], history: [row(1), row(2)] });

    expect(historyIn(report).rows).toEqual([row(1), row(2)]);
  });

  it.each(['', '{', '[]', '{"history":[{"at":"noon"}]}'])(
    'refuses what is no report: %s',
    (text) => {
      expect(() => historyIn(text)).toThrow();
    },
  );
});
