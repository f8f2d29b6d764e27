import { service, supervisor, topic } from 'daruma';
import { bufferTime, filter } from 'rxjs';

// A web shop whose parts do not know each other: they know topics.

export const userActivity = topic<{ userId: string; activity: string }>('user.activity');
export const dataChanged = topic<{ id: string; field: string }>('data.changed', { keep: 'last' });
export const permissionOf = topic<{ userId: string }, 'customer' | 'guest'>('permission.of');

const users = ['ada', 'grace', 'linus'];

/** Emits what users do. Nobody who listens can slow it down. */
const site = service('site', async (ctx) => {
  for (let nth = 0; ; nth++) {
    const userId = users[nth % users.length] as string;
    ctx.bus.emit(userActivity, { userId, activity: nth < users.length ? 'login' : 'click' });
    if (nth % 4 === 0) ctx.bus.emit(dataChanged, { id: userId, field: 'visits' });
    await ctx.sleep('200ms');
  }
});

/** Counts what each user does: in order for each of them, several users at once. */
const statistics = service('statistics', {
  start: (ctx) => {
    const visits = new Map<string, number>();
    ctx.bus.on(
      userActivity,
      async ({ userId }) => {
        const before = visits.get(userId) ?? 0;
        await ctx.sleep('150ms');
        visits.set(userId, before + 1);
      },
      { orderBy: ({ userId }) => userId },
    );
    ctx.bus.reply(permissionOf, ({ userId }) => (visits.has(userId) ? 'customer' : 'guest'));
  },
});

/** Two steps for each change; the second fails now and then, so both are tried again. */
const search = service('search', {
  start: (ctx) => {
    ctx.bus.on(
      dataChanged,
      async ({ id }, { id: key, attempt }) => {
        // A change is known by the number of its event, so that a second attempt does no harm.
        ctx.log.info(`writes change ${key} of ${id}`);
        if (attempt === 1 && id === 'grace') throw new Error('the index is locked');
        ctx.log.info(`indexes change ${key} of ${id}`);
      },
      {
        maxAttempts: 3,
        backoff: { first: '100ms' },
        onError: (_error, { id: key }) => ctx.log.error(`gives up change ${key}`),
      },
    );
  },
});

/** Greets who logs in, and fails over one of them: nobody else notices. */
const greeter = service('greeter', async (ctx) => {
  for await (const { payload } of ctx.bus.events(userActivity)) {
    const { userId, activity } = payload;
    if (activity !== 'login') continue;
    ctx.log.info(`greets ${userId}, a ${await ctx.bus.request(permissionOf, { userId })}`);
    if (userId === 'linus') throw new Error('lost for words');
  }
});

/** A line a second instead of one for each event: operators of RxJS, on the clock of the system. */
const summary = service('summary', {
  start: (ctx) => {
    ctx.bus
      .stream('user.*')
      .pipe(
        bufferTime(1_000, ctx.bus.scheduler),
        filter((batch) => batch.length > 0),
      )
      .subscribe((batch) => ctx.log.info(`${batch.length} things happened`));
  },
});

export default supervisor('shop', [statistics, search, greeter, summary, site]);
