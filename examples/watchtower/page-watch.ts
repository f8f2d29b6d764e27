import { fileURLToPath } from 'node:url';
import { ignore, optional, plugins, service } from 'daruma';
import { site } from './outside/site.ts';
import { settingsOf } from './settings.ts';

const name = 'page-watch';
const folder = fileURLToPath(new URL('./plugins/page-watch', import.meta.url));

/** Where probes of another kind go: each in a folder with a manifest, with no more than it asks for. */
export const pluginHost = plugins('plugins', {
  grant: ['network-access', 'storage-read', 'storage-write', 'notifications'],
});

/** Has a plugin tell when the text of a page changes. */
export const pageWatch = service('page-watch', {
  needs: { host: pluginHost, site: optional(site) },
  start: async (ctx) => {
    const { page, every, isDemo } = settingsOf(ctx);
    const { host } = ctx.needs;
    const url = page ?? (isDemo && ctx.needs.site ? `${ctx.needs.site}/prices` : undefined);
    if (url === undefined) return ignore;
    const config = { url, every };
    if (host.get(name)) await host.configure(name, config);
    else await host.install(folder, { config });
    if (host.get(name)?.state !== 'enabled') await host.enable(name);
  },
});
