import { service, supervisor } from 'daruma';
import { till } from './till.ts';

interface Listening {
  readonly url: string;
}

/** Shops that send what they like: a few events, two of them wrong, and then too many at once. */
const shops = service(
  'shops',
  { needs: { hooks: 'market/till/producers/shops' }, restart: 'transient' },
  async (ctx) => {
    const { url } = ctx.needs.hooks as Listening;
    const post = async (body: string) => {
      const init = { method: 'POST', body, signal: ctx.signal };
      const response = await fetch(`${url}/events`, init);
      return { status: response.status, text: (await response.text()).trim() };
    };
    const send = (type: string, shop: string, cents: unknown) =>
      post(JSON.stringify({ type, shop, cents }));
    ctx.log.info(`send to ${url}/events`);

    const right = await send('sale', 'north', 1_250);
    await send('refund', 'north', 250);
    await send('riddle', 'south', 1);
    ctx.log.info(`are answered ${right.status}; a riddle is accepted as well`);
    const broken = await post('{ "type": "sale", ');
    ctx.log.info(`are answered ${broken.status} ${broken.text}`);
    const wrong = await send('sale', 'north', 'a lot');
    ctx.log.info(`are answered ${wrong.status} ${wrong.text}`);

    let refused = 0;
    const insist = async (shop: string) => {
      while ((await send('sale', shop, 100)).status === 503) {
        refused++;
        await ctx.sleep('300ms');
      }
    };
    const crowd = Array.from({ length: 30 }, (_, index) => (index % 2 ? 'north' : 'south'));
    await Promise.all(crowd.map(insist));
    ctx.log.info(
      `have sold ${crowd.length} things at once; ${refused} times they had to come back`,
    );
  },
);

export default supervisor('market', [till, shops]);
