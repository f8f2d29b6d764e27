import { describe, expect, it } from 'vitest';
import { pipeline, supervisor } from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';

interface Created {
  readonly type: 'created';
  readonly id: number;
}
interface Cancelled {
  readonly type: 'cancelled';
  readonly why: string;
}

describe('a pipeline', () => {
  it('takes items from its producers through their handlers to every consumer', async () => {
    const stored: string[] = [];
    const mailed: string[] = [];
    const orders = pipeline('orders')
      .producer('list', [
        { type: 'created', id: 1 },
        { type: 'cancelled', why: 'late' },
      ] as (Created | Cancelled)[])
      .router('type')
      .on('created', async ({ id }, ctx) => {
        await ctx.sleep(10);
        return `created ${id}`;
      })
      .on('cancelled', ({ why }) => `cancelled: ${why}`)
      .consumer('store', (result) => {
        stored.push(result);
      })
      .consumer('mail', (result) => {
        mailed.push(result);
      });
    const lab = new Lab(supervisor('app', [orders]), {});

    await lab.start();
    await lab.clock.advance(100);

    expect(stored).toEqual(['cancelled: late', 'created 1']);
    expect(mailed).toEqual(stored);
    expect(lab.all('item')).toEqual([]);
    expect(lab.all('stop-error')).toEqual([]);
    expect(lab.log().at(-1)).toBe('ended app/orders');
  });
});
