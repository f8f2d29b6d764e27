import { queue } from 'daruma';

export interface Picture {
  readonly name: string;
  readonly strokes: number;
}

export interface Painted {
  readonly file: string;
  readonly strokes: number;
}

/** For whoever orders pictures and whoever paints them: both import this file. */
export const pictures = queue<Picture, Painted>('pictures', {
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
