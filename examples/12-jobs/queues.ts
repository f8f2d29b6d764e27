import { queue } from 'daruma';
import * as v from 'valibot';

/** Looked at when a picture is ordered, and again when it is painted. */
const Picture = v.object({
  name: v.pipe(v.string(), v.nonEmpty('give it a name'), v.maxLength(100)),
  strokes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)),
});

/** For whoever orders pictures and whoever paints them: both import this file. */
export const pictures = queue('pictures', {
  payload: Picture,
  maxAttempts: 3,
  // Without jitter it is easier to see.
  backoff: { first: '300ms', jitter: 'none' },
  timeout: '1m',
  // How long after a kill -9 of the painter its pictures are begun again.
  lease: '3s',
  keep: { completed: '1d' },
});

/** Told when a picture is there. */
export const news = queue<string>('news', { perKey: 'fifo' });
