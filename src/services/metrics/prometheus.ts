import type { Instrument, MetricsRegistry } from './registry.ts';

/** Of the text that `prometheusText` makes. */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

/** Everything that was measured, in the text format of Prometheus, version 0.0.4. */
export function prometheusText(registry: MetricsRegistry): string {
  const lines = [...registry].flatMap(linesOf);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function linesOf(instrument: Instrument): string[] {
  const { name, kind, help } = instrument;
  const lines = help === '' ? [] : [`# HELP ${name} ${escaped(help)}`];
  lines.push(`# TYPE ${name} ${kind}`);
  for (const { labels, value, buckets } of instrument.series()) {
    if (!buckets) {
      lines.push(line(name, labels, value));
      continue;
    }
    let below = 0;
    for (const [index, count] of buckets.counts.entries()) {
      below += count;
      const le = String(buckets.bounds[index] ?? '+Inf');
      lines.push(line(`${name}_bucket`, { ...labels, le }, below));
    }
    lines.push(line(`${name}_sum`, labels, buckets.sum));
    lines.push(line(`${name}_count`, labels, buckets.count));
  }
  return lines;
}

function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${quoted(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function quoted(text: string): string {
  return escaped(text).replaceAll('"', '\\"');
}
