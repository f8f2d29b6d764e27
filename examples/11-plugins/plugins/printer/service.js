/** @param {import('daruma').PluginContext} ctx */
export async function run(ctx) {
  await ctx.sleep('100ms');
  throw new Error('the ink is out');
}
