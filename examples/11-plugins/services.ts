import { fileURLToPath } from 'node:url';
import { plugins, service, supervisor } from 'daruma';

// A desk whose helpers come and go while it is open. Each is a folder with a manifest.

const folder = (name: string) => fileURLToPath(new URL(`./plugins/${name}`, import.meta.url));

const host = plugins('plugins', {
  grant: ['storage-read', 'storage-write', 'notifications'],
  // One that fails so often in a minute is given up; the others go on.
  intensity: 2,
});

const manager = service('manager', { needs: { host }, restart: 'transient' }, async (ctx) => {
  const { host } = ctx.needs;
  const install = async (name: string) => {
    if (host.get(name)) return;
    await host.install(folder(name));
    await host.enable(name);
  };

  await install('greeter');
  await ctx.sleep('700ms');
  await host.configure('greeter', { greeting: 'good evening' });
  await ctx.sleep('700ms');

  // It asks for the network, which nobody may use here.
  await install('greedy').catch((error: Error) => ctx.log.warn(`greedy: ${reasonOf(error)}`));
  // It fails as soon as it is enabled, again and again.
  await install('printer');
  await ctx.sleep('1s');
  const all = host.list().map(({ name, state }) => `${name} is ${state}`);
  ctx.log.info(all.sort().join(', '));

  await host.update('greeter', folder('greeter-2'));
});

function reasonOf({ message }: Error): string {
  return message.split('\n  - ').slice(1).join('; ');
}

export default supervisor('desk', [host, manager]);
