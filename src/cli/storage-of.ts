import type { StorageOptions } from '../services/storage/options.ts';

/** What somebody means who names a file or an address on the command line. */
export function storageOf(place: string): StorageOptions {
  return place.includes('://') ? { postgres: place } : { file: place };
}
