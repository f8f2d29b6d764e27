import { metrics as otel } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import { service, supervisor } from '../../../src/index.ts';
import { telemetryBridge } from '../../../src/services/metrics/open-telemetry.ts';
import { MetricsRegistry } from '../../../src/services/metrics/registry.ts';
import { Lab, Puppet } from '../../kernel/lab.ts';

type Note = readonly [kind: string, name: string, amount: number, labels: unknown];

/** A meter that writes down what reaches it, as an SDK would be registered. */
function registerSdk(): Note[] {
  const notes: Note[] = [];
  const instrument = (kind: string) => (name: string) => {
    const note = (amount: number, labels: unknown) => {
      notes.push([kind, name, amount, labels]);
    };
    return { add: note, record: note };
  };
  const meter = {
    createCounter: instrument('counter'),
    createUpDownCounter: instrument('gauge'),
    createHistogram: instrument('histogram'),
  };
  otel.setGlobalMeterProvider({ getMeter: () => meter } as never);
  return notes;
}

afterEach(() => otel.disable());

describe('OpenTelemetry', () => {
  it('hears of every measurement where its API is installed', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(supervisor('app', [service('feed', puppet.body)]), {
      metrics: { lifecycle: false },
    }).start();
    const notes = registerSdk();
    const { metrics } = puppet.life.ctx;

    metrics.counter('rows_total').add(3, { table: 'a' });
    metrics.gauge('depth').set(5);
    metrics.gauge('depth').set(2);
    metrics.histogram('size').record(7);
    await lab.stop();

    const actor = 'app/feed';
    expect(notes).toEqual([
      ['counter', 'rows_total', 3, { actor, table: 'a' }],
      ['gauge', 'depth', 5, { actor }],
      ['gauge', 'depth', -3, { actor }],
      ['histogram', 'size', 7, { actor }],
    ]);
  });

  it('is looked for once, and missing from then on', () => {
    let looks = 0;
    const registry = new MetricsRegistry(
      telemetryBridge(() => {
        looks++;
        return undefined;
      }),
    );
    const rows = registry.instrument('rows', 'counter').at({});

    rows.add(1);
    rows.add(1);

    expect([looks, rows.value]).toEqual([1, 2]);
  });
});
