/** @param {import('daruma').PluginContext} ctx */
export async function run(ctx) {
  for (;;) {
    const number = ((await ctx.storage.get('number')) ?? 0) + 1;
    await ctx.storage.set('number', number);
    ctx.log.info(`${ctx.config.greeting}, ada: number ${number}`);
    await ctx.sleep('300ms');
  }
}
