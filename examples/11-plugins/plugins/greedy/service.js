/** @param {import('daruma').PluginContext} ctx */
export async function onEnable(ctx) {
  await ctx.fetch('http://127.0.0.1/');
}
