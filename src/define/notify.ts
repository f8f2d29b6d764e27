/** How loud a notification is. */
export type NotificationLevel = 'info' | 'success' | 'warning' | 'error';

/**
 * Tells people: `ctx.notify(title, message)`. It returns at once and never throws: whether a channel
 * works is no affair of whoever has something to say.
 *
 * ```ts
 * ctx.notify('Backup complete', `${files} files`, 'success');
 * ctx.notify('Backup failed', error.message, { level: 'error', key: 'backup' });
 * ```
 */
export interface Notify {
  /**
   * @param options the level, or all options
   * @returns its id
   */
  (title: string, message: string, options?: NotificationLevel | NotifyOptions): string;
  /**
   * Sends a notification later, unless it is cancelled or the incarnation ends first. One that is due
   * already is sent at once.
   *
   * @param at a Date, or milliseconds since the epoch, on the clock of the system
   * @returns its id
   */
  schedule(
    at: Date | number,
    title: string,
    message: string,
    options?: NotificationLevel | NotifyOptions,
  ): string;
  /** Whether there was a scheduled notification with this id that had not been sent. */
  cancel(id: string): boolean;
}

export interface NotifyOptions {
  /** @default 'info' */
  readonly level?: NotificationLevel;
  /**
   * What it is about: of those with the same key one is sent in each `dedupe` window, and the others
   * are counted. @default the path, the level and the title
   */
  readonly key?: string;
  /** For channels that can make something of it. */
  readonly data?: unknown;
}

/** What a channel is given. */
export interface Notification {
  readonly id: string;
  readonly level: NotificationLevel;
  readonly title: string;
  readonly message: string;
  readonly key: string;
  /** Whose it is: a path of the tree. */
  readonly path: string;
  readonly incarnation: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** How many of the same key were not sent since the last one that was. */
  readonly repeated: number;
  readonly data?: unknown;
}
