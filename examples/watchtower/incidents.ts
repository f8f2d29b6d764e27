import { formatDuration, service } from 'daruma';
import { ledger } from './ledger.ts';
import { report } from './report.ts';

/**
 * Is told what is wrong and what is well again, as often as one likes, and says it once. This is
 * where a pager would be called.
 */
export const incidents = service('incidents', {
  needs: { ledger },
  // Bad news wait for it when it is down; nobody else has to.
  whileDown: 'buffer',
  receive: {
    open: ({ subject, reason }: { subject: string; reason: string }, ctx) => {
      const opened = ctx.needs.ledger.incidents.open(subject, reason, ctx.now());
      if (!opened) return;
      ctx.log.error(`opened: ${subject}: ${reason}`);
      ctx.send(report, 'publish');
    },
    resolve: ({ subject }: { subject: string }, ctx) => {
      const resolved = ctx.needs.ledger.incidents.resolve(subject, ctx.now());
      if (!resolved) return;
      ctx.log.info(`resolved: ${subject}, after ${formatDuration(ctx.now() - resolved.openedAt)}`);
      ctx.send(report, 'publish');
    },
    list: (_nothing: undefined, ctx) => ctx.needs.ledger.incidents.current,
  },
});
