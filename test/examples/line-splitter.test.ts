import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../examples/watchtower/lib/line-splitter.ts';

const bytes = (text: string) => Buffer.from(text);

describe('LineSplitter', () => {
  it('keeps half a line until the rest of it comes', () => {
    const splitter = new LineSplitter();

    expect(splitter.push(bytes('one\ntw'))).toEqual(['one']);
    expect(splitter.push(bytes('o'))).toEqual([]);
    expect(splitter.push(bytes('\nthree\n'))).toEqual(['two', 'three']);
  });

  it('decodes a character whole that two pieces share', () => {
    const splitter = new LineSplitter();
    const text = bytes('だるま 🎎\n');

    const lines = [...text].flatMap((byte) => splitter.push(Buffer.of(byte)));

    expect(lines).toEqual(['だるま 🎎']);
  });

  it('gives the same lines wherever the text is cut', () => {
    const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[\r\n]/g, ''));
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    const property = fc.property(fc.array(line), sizes, (lines, sizes) => {
      const splitter = new LineSplitter();
      const text = bytes(lines.map((each) => `${each}\n`).join(''));
      const seen: string[] = [];
      for (let at = 0, piece = 0; at < text.length; piece++) {
        const size = sizes[piece % sizes.length] ?? 1;
        seen.push(...splitter.push(text.subarray(at, at + size)));
        at += size;
      }
      expect(seen).toEqual(lines);
    });

    fc.assert(property, { examples: [[['é', ''], [1]]] });
  });

  it('does not mind that its input is overwritten afterwards', () => {
    const splitter = new LineSplitter();
    const reused = bytes('abc');

    splitter.push(reused);
    reused.fill('x');

    expect(splitter.push(bytes('\n'))).toEqual(['abc']);
  });

  it('takes the carriage return of a line end away', () => {
    expect(new LineSplitter().push(bytes('a\r\nb\r\n\r\n'))).toEqual(['a', 'b', '']);
  });

  it('cuts a huge line between characters and goes on with the next', () => {
    const splitter = new LineSplitter(10);

    const lines = [bytes('äöüäöüäöüäöü'), bytes('more of it\nshort\n')].flatMap((piece) =>
      splitter.push(piece),
    );

    expect(lines).toEqual(['äöüäö…', 'short']);
    expect(new LineSplitter(9).push(bytes('äöüäöüäöü\n'))).toEqual(['äöüä…']);
  });

  it('costs no more than its limit, however long a line is', () => {
    const splitter = new LineSplitter(1_000);
    const piece = Buffer.alloc(64 * 1024, 'x');

    for (let count = 0; count < 1_000; count++) splitter.push(piece);

    expect(splitter.flush()).toHaveLength(1_001);
  });

  it('gives what came after the last newline when asked', () => {
    const splitter = new LineSplitter();

    splitter.push(bytes('one\nlast'));

    expect(splitter.flush()).toBe('last');
    expect(splitter.flush()).toBeUndefined();
  });
});
