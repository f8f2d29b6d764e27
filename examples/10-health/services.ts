import { errorRateBelow, processHealth, queueBelow, service, supervisor } from 'daruma';

// A mail room: letters come in faster than they go out, and the post office is closed now and then.

const letters: number[] = [];
const tally = { errors: 0, total: 0 };

const postOffice = service('post-office', {
  start: async (ctx) => {
    const opensAt = ctx.now();
    // Closed for three seconds of every nine.
    return { isOpen: () => (ctx.now() - opensAt) % 9_000 < 6_000 };
  },
  health: {
    // Two looks in a row must say so before anybody is told.
    counter: { check: (_ctx, office) => office.isOpen(), every: '500ms', failures: 2 },
  },
});

const clerk = service(
  'clerk',
  {
    needs: { postOffice },
    health: {
      basket: { check: queueBelow(20, () => letters.length), every: '1s', failures: 1 },
      errors: { check: errorRateBelow(0.1, () => tally), every: '1s', failures: 2 },
    },
  },
  async (ctx) => {
    const sent = ctx.metrics.counter('letters_sent_total', 'Letters that were taken.');
    const waiting = ctx.metrics.gauge('letters_waiting', 'Letters in the basket.');
    for (let id = 1; ; id++) {
      await ctx.sleep('50ms');
      letters.push(id);
      waiting.set(letters.length);
      tally.total++;
      if (!ctx.needs.postOffice.isOpen()) {
        tally.errors++;
        continue;
      }
      const to = id % 2 ? 'abroad' : 'home';
      const stop = ctx.metrics.timer('letter', { to });
      ctx.span('hand in', { to }, () => letters.splice(0, 3));
      sent.add();
      stop();
    }
  },
);

export default supervisor('mail', [postOffice, clerk, processHealth('process', { every: '5s' })]);
