import type { Labels } from '../../define/metrics.ts';
import { DarumaError } from '../../errors.ts';
import { Buckets, type Spread } from './histogram.ts';

export type InstrumentKind = 'counter' | 'gauge' | 'histogram';

/** One series at a moment. */
export type SeriesSnapshot = { readonly labels: Readonly<Record<string, string>> } & (
  | { readonly value: number }
  | Spread
);

export interface InstrumentSnapshot {
  readonly name: string;
  readonly kind: InstrumentKind;
  readonly help: string;
  readonly series: readonly SeriesSnapshot[];
}

/** Series of one instrument: more than that is a label whose values nobody counted. */
const mostSeries = 1_000;
/** Ways to write their labels. */
const mostWritten = 2 * mostSeries;
/** The label of what came after. */
const overflow = { overflow: 'true' } as const;

const validName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const validLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Told of every measurement: a bridge to another system. */
export type MeasurementListener = (
  instrument: Instrument,
  amount: number,
  labels: Readonly<Record<string, string>>,
) => void;

/** The measurements under one name with one set of labels. */
export class Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly buckets: Buckets | undefined;
  readonly #instrument: Instrument;
  #value = 0;

  constructor(instrument: Instrument, labels: Readonly<Record<string, string>>) {
    this.#instrument = instrument;
    this.labels = labels;
    this.buckets = instrument.kind === 'histogram' ? new Buckets(instrument.bounds) : undefined;
  }

  get value(): number {
    return this.#value;
  }

  /** Values that are no numbers are left out: a measurement must not break what it measures. */
  add(amount: number): void {
    if (!Number.isFinite(amount) || (this.#instrument.kind === 'counter' && amount < 0)) return;
    this.#value += amount;
    this.#instrument.onMeasure?.(this.#instrument, amount, this.labels);
  }

  set(value: number): void {
    this.add(value - this.#value);
  }

  record(value: number): void {
    if (!Number.isFinite(value)) return;
    this.buckets?.record(value);
    this.#instrument.onMeasure?.(this.#instrument, value, this.labels);
  }

  get snapshot(): SeriesSnapshot {
    const { labels, value, buckets } = this;
    return buckets ? { labels, ...buckets.spread } : { labels, value };
  }
}

/** Everything that is measured under one name. */
export class Instrument {
  readonly name: string;
  readonly kind: InstrumentKind;
  readonly help: string;
  readonly bounds: readonly number[];
  readonly onMeasure: MeasurementListener | undefined;
  readonly #series = new Map<string, Series>();
  /** The same, by labels as somebody has written them: to be found without sorting. */
  readonly #written = new Map<string, Series>();

  constructor(
    name: string,
    kind: InstrumentKind,
    help: string,
    bounds: readonly number[],
    onMeasure: MeasurementListener | undefined,
  ) {
    this.name = name;
    this.kind = kind;
    this.help = help;
    this.bounds = bounds;
    this.onMeasure = onMeasure;
  }

  /** In the order in which they were first seen. */
  series(): Iterable<Series> {
    return this.#series.values();
  }

  get snapshot(): InstrumentSnapshot {
    const series = [...this.#series.values()].map(({ snapshot }) => snapshot);
    return { name: this.name, kind: this.kind, help: this.help, series };
  }

  /** The series with these labels; above so many, one for all the rest. */
  at(labels: Labels): Series {
    const written = writingOf(labels);
    const known = this.#written.get(written);
    if (known) return known;
    const series = this.#sortedAt(labels);
    if (this.#written.size < mostWritten) this.#written.set(written, series);
    return series;
  }

  #sortedAt(labels: Labels): Series {
    const texts = labelTexts(labels);
    const key = JSON.stringify(texts);
    const known = this.#series.get(key);
    if (known) return known;
    if (this.#series.size >= mostSeries && !('overflow' in labels)) return this.at(overflow);
    const series = new Series(this, Object.fromEntries(texts));
    this.#series.set(key, series);
    return series;
  }
}

/** With lengths, so that no label can look like two. */
function writingOf(labels: Labels): string {
  let written = '';
  for (const name of Object.keys(labels)) {
    const value = String(labels[name]);
    written += `${name.length} ${value.length} ${name}${value}`;
  }
  return written;
}

function labelTexts(labels: Labels): [string, string][] {
  return Object.entries(labels)
    .filter(([name]) => validLabel.test(name))
    .map(([name, value]): [string, string] => [name, String(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** All instruments of a system, by name. */
export class MetricsRegistry {
  readonly #instruments = new Map<string, Instrument>();
  readonly #onMeasure: MeasurementListener | undefined;

  constructor(onMeasure?: MeasurementListener) {
    this.#onMeasure = onMeasure;
  }

  /** The instrument of that name, which is made where there is none. */
  instrument(
    name: string,
    kind: InstrumentKind,
    help = '',
    bounds: readonly number[] = [],
  ): Instrument {
    const known = this.#instruments.get(name);
    if (known?.kind === kind) return known;
    if (known) throw takenError(name, kind, known.kind);
    if (!validName.test(name)) throw nameError(name);
    const made = new Instrument(name, kind, help, bounds, this.#onMeasure);
    this.#instruments.set(name, made);
    return made;
  }

  [Symbol.iterator](): Iterator<Instrument> {
    return this.#instruments.values();
  }

  /** What has been measured so far; a copy. */
  snapshot(): InstrumentSnapshot[] {
    return [...this.#instruments.values()].map(({ snapshot }) => snapshot);
  }
}

function nameError(name: string): DarumaError {
  return new DarumaError('DARUMA_INVALID_METRIC', `'${name}' is no name for a metric.`, {
    hint: 'Letters, digits and _, not beginning with a digit: queue_depth, requests_total.',
  });
}

function takenError(name: string, kind: InstrumentKind, taken: InstrumentKind): DarumaError {
  return new DarumaError(
    'DARUMA_INVALID_METRIC',
    `The metric ${name} is a ${taken}; it cannot be a ${kind} too.`,
    { hint: 'Instruments of one name are one instrument: choose another name.' },
  );
}
