import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it as it is. */
export type Paint = (format: Format, text: string) => string;

/** Colours for this stream: only on a terminal; NO_COLOR and FORCE_COLOR have the last word. */
export function paintFor(stream: NodeJS.WritableStream): Paint {
  return (format, text) => (text === '' ? '' : styleText(format, text, { stream }));
}

/** For tests, and for text that goes somewhere else. */
export const plain: Paint = (_format, text) => text;

/** One mark a meaning, so that a page can be read without colour too. */
export const marks = {
  good: '✔',
  bad: '✖',
  warning: '!',
  phase: '●',
  end: '■',
  told: '✉',
  live: '…',
} as const;

/** `3 services`, `1 service` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Every line of it moved to the right. */
export function indented(text: string, by: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(by));
}

/** `a, b and c`, or `a, b and 3 more`: the first few of a list, and how many others there are. */
export function firstFew(items: readonly string[], most: number): string {
  const others = items.length - most;
  const parts = others > 0 ? [...items.slice(0, most), `${others} more`] : items;
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
