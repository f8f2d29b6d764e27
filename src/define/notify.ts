/** From the least to the most pressing. */
export const notifyLevels = ['info', 'success', 'warning', 'error'] as const;

export type NotifyLevel = (typeof notifyLevels)[number];

export interface NotifyOptions {
  /** @default 'info' */
  readonly level?: NotifyLevel;
  /**
   * What it is about: notifications of one key are sent once in the time of `dedupe`, and counted
   * beside that. @default path, level and title
   */
  readonly key?: string;
  /** More about it, for channels that can show it; plain data. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * Tells people something, through the channels of the system. Returns at once; how the delivery goes
 * is nobody's failure but a `notification` event's. Whatever it is given it makes the best of: it is
 * called where something else has gone wrong, and must not hide that.
 */
export interface Notify {
  /** @throws `DARUMA_STALE_INCARNATION` */
  (title: string, message?: string, options?: NotifyOptions | NotifyLevel): void;
  /**
   * Tells it later, unless it is cancelled or the incarnation ends first; what is due already is told
   * at once. It waits in memory, on the time of day.
   *
   * @param at a Date, or milliseconds since the epoch
   * @returns its id
   * @throws `DARUMA_INVALID_OPTION` for what is no time; `DARUMA_STALE_INCARNATION`
   */
  schedule(
    at: Date | number,
    title: string,
    message?: string,
    options?: NotifyOptions | NotifyLevel,
  ): string;
  /** Whether there was one with this id that had not been told. */
  cancel(id: string): boolean;
}
