import { ignore, service } from 'daruma';
import { childNames } from './lib/child-names.ts';
import { probe, targetProbe } from './probe.ts';
import { settingsOf } from './settings.ts';
import { targetPages } from './target.ts';

/** Starts one probe for each URL. They fail, are restarted and stop one by one, and all with it. */
export const probes = service('probes', {
  start: async (ctx) => {
    const { urls, isDemo } = settingsOf(ctx);
    if (urls.length === 0 && !isDemo) return ignore;
    const named = isDemo ? childNames(targetPages, String) : childNames(urls, nameOf);
    const definition = isDemo ? targetProbe : probe;
    const started = [...named].map(([name, url]) =>
      ctx.spawn(definition, { id: name, input: { name, url } }),
    );
    await Promise.all(started);
  },
});

function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
