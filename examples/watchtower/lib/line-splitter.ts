const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Makes lines of bytes that come in pieces. It looks for the byte of a newline, which is no part of
 * any other character in UTF-8, and decodes whole lines only: a character that two pieces share
 * comes out whole.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #isCut = false;

  /** @param maxBytes longer lines are cut, so that a file without newlines costs no more than this */
  constructor(maxBytes = 64 * 1024) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that these bytes complete, without their ends. The bytes may be reused afterwards. */
  push(bytes: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      this.#keep(bytes.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
    return lines;
  }

  /** What came after the last newline; undefined when nothing did. It is not kept any longer. */
  flush(): string | undefined {
    return this.#length === 0 ? undefined : this.#take();
  }

  #keep(bytes: Uint8Array): void {
    const room = this.#maxBytes - this.#length;
    if (bytes.length > room) this.#isCut = true;
    // A copy: the slice of a Buffer would still be the caller's memory.
    const kept = Buffer.from(bytes.subarray(0, room));
    if (kept.length === 0) return;
    this.#pieces.push(kept);
    this.#length += kept.length;
  }

  #take(): string {
    const line = Buffer.concat(this.#pieces);
    const isCut = this.#isCut;
    this.#pieces = [];
    this.#length = 0;
    this.#isCut = false;
    const end = line.at(-1) === carriageReturn ? line.length - 1 : line.length;
    // As a stream, the decoder keeps back a character that the cut went through.
    const text = new TextDecoder().decode(line.subarray(0, end), { stream: isCut });
    return isCut ? `${text}…` : text;
  }
}
