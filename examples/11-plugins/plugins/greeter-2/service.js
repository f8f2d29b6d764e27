export default class Greeter {
  /** What version 1 stored is still there. */
  async onUpdate(ctx, oldVersion) {
    ctx.notify('The greeter is new', `it was ${oldVersion}`, 'success');
  }

  async run(ctx) {
    for (;;) {
      const number = ((await ctx.storage.get('number')) ?? 0) + 1;
      await ctx.storage.set('number', number);
      ctx.log.info(`${ctx.config.greeting}, dear ada: number ${number}`);
      await ctx.sleep('300ms');
    }
  }
}
