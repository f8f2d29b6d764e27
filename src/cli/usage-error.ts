import { DarumaError } from '../errors.ts';

export interface UsageErrorOptions {
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** Lines between message and hint: an excerpt of the source, frames, a list. */
  readonly details?: readonly string[];
  readonly cause?: unknown;
}

/** A command cannot do what it was asked for, and has done nothing. Exits with 2. */
export class UsageError extends DarumaError {
  override readonly name = 'UsageError';
  readonly details: readonly string[];

  constructor(message: string, { hint, details = [], cause }: UsageErrorOptions = {}) {
    super('DARUMA_USAGE', message, { ...(hint !== undefined && { hint }), cause });
    this.details = details;
  }
}
