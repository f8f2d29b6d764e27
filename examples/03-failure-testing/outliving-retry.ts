import { service, supervisor } from 'daruma';

/** A mailer whose retries are on a timer that it does not own. */
export function makeMails() {
  const timers = service('timers', {
    start: (ctx) => ({
      after: (ms: number, call: () => void) => ctx.sleep(ms).then(call, () => {}),
    }),
  });

  const mailer = service('mailer', { needs: { timers } }, async (ctx) => {
    const timer = ctx.needs.timers;
    const deliver = (attempt: number) => {
      // The server is moody: only the second attempt works.
      if (attempt === 2) return ctx.health('healthy');
      // Bug: when the mailer is down by then, this goes on, in the name of a life that is over.
      void timer.after(400, () => deliver(attempt + 1));
    };
    for (;;) {
      await ctx.sleep('1s');
      deliver(1);
    }
  });

  return supervisor('mails', [timers, mailer]);
}
