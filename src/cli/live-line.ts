import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';

/** One line at the bottom of a terminal that says what is being waited for. */
export interface LiveLine {
  show(text: string): void;
  hide(): void;
}

/**
 * Draws the line, and keeps it below everything that is written meanwhile: while it is shown, what
 * is written to the streams passes through here. A line that is not finished yet is left alone.
 */
export class TerminalLine implements LiveLine {
  readonly #terminal: WriteStream;
  readonly #streams: readonly WriteStream[];
  readonly #layout: (text: string) => string;
  readonly #paint: (text: string) => string;
  #text = '';
  #isDrawn = false;
  #isAtLineStart = true;
  #release: (() => void) | undefined;

  /**
   * @param others streams that may end up on the same terminal
   * @param layout moves the text to its place in the line
   * @param paint colours the line, which has been cut to the width of the terminal
   */
  constructor(
    terminal: WriteStream,
    others: readonly WriteStream[],
    layout: (text: string) => string,
    paint: (text: string) => string,
  ) {
    this.#terminal = terminal;
    this.#streams = [terminal, ...others.filter((other) => other.isTTY && other !== terminal)];
    this.#layout = layout;
    this.#paint = paint;
  }

  show(text: string): void {
    this.#release ??= this.#intercept();
    this.#text = text;
    this.#draw();
  }

  hide(): void {
    this.#erase();
    this.#release?.();
    this.#release = undefined;
  }

  #intercept(): () => void {
    const undo = this.#streams.map((stream) => {
      const write = stream.write;
      const bound = write.bind(stream) as (...args: unknown[]) => boolean;
      const through = (...args: unknown[]): boolean => {
        if (this.#isDrawing) return bound(...args);
        this.#erase();
        const result = bound(...args);
        this.#isAtLineStart = String(args[0]).endsWith('\n');
        this.#draw();
        return result;
      };
      stream.write = through as typeof stream.write;
      return () => {
        stream.write = write;
      };
    });
    return () => {
      for (const each of undo) each();
    };
  }

  #isDrawing = false;

  #draw(): void {
    if (!this.#isAtLineStart) return;
    this.#write(() => {
      if (this.#isDrawn) this.#clear();
      const line = fitted(this.#layout(this.#text), this.#terminal.columns);
      this.#terminal.write(this.#paint(line));
    });
    this.#isDrawn = true;
  }

  #erase(): void {
    if (!this.#isDrawn) return;
    this.#write(() => this.#clear());
    this.#isDrawn = false;
  }

  #clear(): void {
    cursorTo(this.#terminal, 0);
    clearLine(this.#terminal, 0);
  }

  #write(draw: () => void): void {
    this.#isDrawing = true;
    draw();
    this.#isDrawing = false;
  }
}

/** A line that is too long would wrap, and could not be taken back. */
function fitted(text: string, columns: number | undefined): string {
  const width = (columns ?? 80) - 1;
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
