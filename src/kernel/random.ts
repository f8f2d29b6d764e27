/** A number in [0, 1), the next of its sequence. */
export type Random = () => number;

/**
 * A repeatable sequence of numbers: all randomness of a system comes from one seed.
 * The generator is sfc32; good enough for jitter, not for secrets.
 */
export function seededRandom(seed: number): Random {
  let a = seed | 0;
  let b = (seed ^ 0x9e3779b9) | 0;
  let c = (seed ^ 0x243f6a88) | 0;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first numbers still resemble the seed.
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** A seed for a system that was given none. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
