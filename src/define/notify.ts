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
 * is nobody's failure but a `notification` event's.
 *
 * @throws TypeError for a title that is no text or a level that there is not;
 * `DARUMA_STALE_INCARNATION`
 */
export type Notify = (
  title: string,
  message?: string,
  options?: NotifyOptions | NotifyLevel,
) => void;
