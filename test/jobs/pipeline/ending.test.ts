import { describe, expect, it } from 'vitest';
import { fromEvery, pipeline, supervisor } from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';
import { Faucet, started } from './mill.ts';

describe('onShutdown', () => {
  function withShutdown(onShutdown: (steps: string[]) => unknown, options: object = {}) {
    const steps: string[] = [];
    const faucet = new Faucet<number>();
    const definition = pipeline('p', { onShutdown: () => onShutdown(steps), ...options })
      .producer('tap', (ctx) => {
        ctx.defer(() => void steps.push('producer stopped'));
        return faucet;
      })
      .always('handle', async (n, ctx) => {
        await ctx.sleep('1s');
        steps.push(`handled ${n}`);
        return n;
      })
      .consumer('store', (n) => void steps.push(`stored ${n}`));
    return { steps, faucet, definition };
  }

  it('is awaited before anything is stopped, once, with the system', async () => {
    let faucetOfTest: Faucet<number> | undefined;
    const lab: { current?: Lab<never> } = {};
    const { steps, faucet, definition } = withShutdown(async (own) => {
      own.push('shutting down');
      await lab.current?.wait(2_000);
      // Producers still produce.
      faucetOfTest?.put(2);
      await lab.current?.wait(1);
      own.push('shut down');
    });
    faucetOfTest = faucet;
    const started1 = await started(definition);
    lab.current = started1 as never;
    faucet.put(1);
    await started1.clock.settle();
    await started1.stop();

    expect(steps).toEqual([
      'shutting down',
      'handled 1',
      'stored 1',
      'shut down',
      'handled 2',
      'stored 2',
      'producer stopped',
    ]);
  });

  it('is awaited before anything is stopped, once, with the pipeline alone', async () => {
    const { steps, faucet, definition } = withShutdown((own) => own.push('shutting down'));
    const lab = await started(definition);
    faucet.put(1);
    await lab.clock.settle();
    await lab.until(lab.system.ref('app/p').stop());
    await lab.stop();

    expect(steps).toEqual(['shutting down', 'handled 1', 'stored 1', 'producer stopped']);
  });

  it('is called when the pipeline fails', async () => {
    const calls: string[] = [];
    const lab = new Lab(
      supervisor('app', { whenExhausted: 'give-up', intensity: 0 }, [
        pipeline('p', { intensity: 0, onShutdown: () => void calls.push('shutting down') })
          .producer('list', [1])
          .always('pass', (n) => n)
          .consumer('store', () => {
            throw new Error('no');
          }),
      ]),
    );
    await lab.start();
    await lab.clock.advance(60_000);

    expect(lab.system.ref('app/p').status()).toBe('failed');
    expect(calls).toEqual(['shutting down']);
  });

  it('is called when its producers have ended', async () => {
    const { steps, faucet, definition } = withShutdown((own) => own.push('shutting down'));
    const lab = await started(definition);
    faucet.put(1);
    faucet.close();
    await lab.clock.advance(5_000);

    expect(steps).toEqual(['handled 1', 'stored 1', 'producer stopped', 'shutting down']);
  });

  it('is called when the pipeline does not come up, after its parts are rolled back', async () => {
    const calls: string[] = [];
    const lab = new Lab(
      supervisor('app', [
        pipeline('p', { onShutdown: () => void calls.push('shutting down') })
          .producer('list', { startWithin: '1s', needs: {} }, [1])
          .producer(
            'broken',
            fromEvery(
              (() => {
                throw new Error('no period');
              }) as never,
              () => 1,
            ),
          )
          .always('pass', (n) => n),
      ]),
    );
    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({ code: 'DARUMA_START_FAILED' });
    expect(calls).toEqual(['shutting down']);
    expect(lab.all('ended').map(({ path }) => path)).toContain('app/p/handlers/pass');
  });

  it('is reported when it takes too long, and the stop goes on', async () => {
    const { steps, definition } = withShutdown(() => new Promise<void>(() => {}), {
      shutdownWithin: '3s',
    });
    const lab = await started(definition);
    const report = await lab.stop();

    expect(report.unstopped).toEqual(['app/p/shutdown']);
    expect(steps).toEqual(['producer stopped']);
    expect(lab.clock.monotonic()).toBeLessThan(24_000);
  });

  it('is reported when it fails, and the stop goes on', async () => {
    const { steps, definition } = withShutdown(() => {
      throw new Error('no pen');
    });
    const lab = await started(definition);
    await lab.until(lab.system.ref('app/p').stop());

    expect(lab.all('stop-error')).toMatchObject([
      { path: 'app/p/shutdown', error: { message: 'no pen' } },
    ]);
    expect(steps).toEqual(['producer stopped']);
  });
});

describe('the end of all producers', () => {
  it('ends the pipeline normally, which is not started again', async () => {
    const lab = await started(
      pipeline('p')
        .producer('list', [1])
        .always('pass', () => {}),
    );
    await lab.clock.advance(60_000);

    expect(lab.all('auto-shutdown').map(({ path, culprit }) => [path, culprit])).toEqual([
      ['app/p/producers', 'app/p/producers/list'],
      ['app/p', 'app/p/producers'],
    ]);
    expect(lab.system.ref('app/p').status()).toBe('stopped');
  });

  it('is the end of all of them', async () => {
    const faucet = new Faucet<number>();
    const lab = await started(
      pipeline('p')
        .producer('list', [1])
        .producer('tap', faucet)
        .always('pass', () => {}),
    );
    await lab.clock.advance(60_000);
    expect(lab.system.ref('app/p').status()).toBe('running');

    faucet.close();
    await lab.clock.settle();
    expect(lab.system.ref('app/p').status()).toBe('stopped');
  });

  it.each([{ whenProducersEnd: 'stay' }, {}] as const)(
    'leaves everything up where that is asked for: %o',
    async (options) => {
      const restart = 'whenProducersEnd' in options ? 'transient' : 'permanent';
      const lab = await started(
        pipeline('p', options)
          .producer('list', { restart }, [1])
          .always('pass', () => {}),
      );
      await lab.clock.advance(10);

      expect(lab.system.ref('app/p').status()).toBe('running');
    },
  );
});
