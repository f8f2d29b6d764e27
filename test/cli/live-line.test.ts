import type { WriteStream } from 'node:tty';
import { beforeEach, describe, expect, it } from 'vitest';
import { TerminalLine } from '../../src/cli/live-line.ts';

/** A terminal that understands what the line needs of it. */
class Screen {
  readonly isTTY = true;
  columns = 30;
  readonly lines = [''];

  write = (text: string, then?: () => void): boolean => {
    const clears = text
      .split('\u001b[1G')
      .flatMap((part, index) => (index > 0 ? ['', part] : [part]));
    for (const part of clears) this.#put(part);
    then?.();
    return true;
  };

  #put(part: string): void {
    const text = part.replaceAll('\u001b[2K', '\f');
    for (const sign of text) {
      if (sign === '\f') this.lines[this.lines.length - 1] = '';
      else if (sign === '\n') this.lines.push('');
      else this.lines[this.lines.length - 1] += sign;
    }
  }
}

let screen: Screen;
let line: TerminalLine;

beforeEach(() => {
  screen = new Screen();
  line = new TerminalLine(
    screen as unknown as WriteStream,
    [],
    (text) => `.. ${text}`,
    (text) => `<${text}>`,
  );
});

describe('the live line', () => {
  it('is redrawn in its place, and goes without a trace', () => {
    line.show('one');
    line.show('two');
    expect(screen.lines).toEqual(['<.. two>']);

    line.hide();
    expect(screen.lines).toEqual(['']);
  });

  it('stays below what is written meanwhile', () => {
    line.show('waiting');
    screen.write('log\n');

    expect(screen.lines).toEqual(['log', '<.. waiting>']);
  });

  it('leaves a line alone that is not finished', () => {
    line.show('waiting');
    screen.write('half');
    line.show('still waiting');
    expect(screen.lines).toEqual(['half']);

    screen.write(' a line\n');
    expect(screen.lines).toEqual(['half a line', '<.. still waiting>']);
  });

  it('is cut to the width of the terminal', () => {
    line.show('a text that is longer than the terminal');

    expect(screen.lines).toEqual(['<.. a text that is longer tha…>']);
  });

  it('gives the stream back as it was', () => {
    const { write } = screen;
    line.show('waiting');
    line.hide();

    expect(screen.write).toBe(write);
    expect(() => line.hide()).not.toThrow();
  });
});
