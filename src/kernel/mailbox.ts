import type { Receivers, WhileDown } from '../define/spec.ts';
import { DarumaError } from '../errors.ts';
import { notRunningError, receiverFailedError } from './failures.ts';
import type { Blame, Kernel } from './kernel.ts';
import type { TreeNode } from './node.ts';

/** The incarnation that handles messages now. */
export interface Receiver extends Blame {
  readonly context: unknown;
  readonly isCancelled: boolean;
}

/** A message on its way. One that was only sent has nobody to settle with. */
export interface Letter {
  readonly message: string;
  readonly payload: unknown;
  readonly settle: ((outcome: { value: unknown } | { error: unknown }) => void) | undefined;
}

export interface MailboxRules {
  readonly receive: Receivers;
  readonly limit: number;
  readonly whileDown: WhileDown;
}

/**
 * The messages of one place in the tree, over its incarnations: handled one at a time, in order,
 * while there is a ready incarnation. A handler that fails is the receiver's failure; whoever asked
 * is told, whoever sent is not.
 */
export class Mailbox {
  readonly #kernel: Kernel;
  readonly #node: TreeNode;
  readonly #rules: MailboxRules;
  #letters: Letter[] = [];
  #receiver: Receiver | undefined;
  #inHand: Letter | undefined;

  constructor(kernel: Kernel, node: TreeNode, rules: MailboxRules) {
    this.#kernel = kernel;
    this.#node = node;
    this.#rules = rules;
  }

  get size(): number {
    return this.#letters.length + (this.#inHand ? 1 : 0);
  }

  open(receiver: Receiver): void {
    this.#receiver = receiver;
    this.#handleNext();
  }

  /** The incarnation is over, or about to be. Letters wait for the next one only where asked. */
  close(): void {
    this.#receiver = undefined;
    const unanswered = this.#inHand;
    const what = `the answer to '${unanswered?.message}'`;
    unanswered?.settle?.({ error: notRunningError(this.#node.path, what) });
    this.#inHand = undefined;
    if (this.#rules.whileDown !== 'buffer') this.discard();
  }

  /** Nobody will come to handle what is left. */
  discard(): void {
    for (const letter of this.#letters.splice(0)) this.#lose(letter, 'not-running');
  }

  /** @throws NotRunning or MailboxFull, where the rules say so. */
  put(letter: Letter): void {
    if (!Object.hasOwn(this.#rules.receive, letter.message)) {
      throw new DarumaError(
        'DARUMA_NOT_SUPPORTED',
        `${this.#node.path} receives no message '${letter.message}'.`,
        {
          path: this.#node.path,
          hint: `It receives: ${Object.keys(this.#rules.receive).join(', ')}.`,
        },
      );
    }
    if (!this.#receiver && this.#rules.whileDown !== 'buffer') {
      if (this.#rules.whileDown === 'drop') return this.#lose(letter, 'dropped');
      throw notRunningError(this.#node.path, `message '${letter.message}'`);
    }
    const isHandedOn = this.#receiver !== undefined && !this.#inHand;
    if (!isHandedOn && this.#letters.length >= this.#rules.limit) {
      this.#record(letter, 'mailbox-full');
      throw new DarumaError(
        'DARUMA_MAILBOX_FULL',
        `The mailbox of ${this.#node.path} is full: ${this.#letters.length} wait, and that is all it holds.`,
        {
          path: this.#node.path,
          hint: "It receives more than it handles. Send less, or raise 'mailbox'.",
        },
      );
    }
    this.#letters.push(letter);
    this.#handleNext();
  }

  /** The one who asked gave up. */
  take(letter: Letter): void {
    this.#letters = this.#letters.filter((each) => each !== letter);
  }

  #handleNext(): void {
    const receiver = this.#receiver;
    if (!receiver || this.#inHand) return;
    const letter = this.#letters.shift();
    if (!letter) return;
    this.#inHand = letter;
    // Not on the sender's stack: a handler must be able neither to block nor to break its sender.
    void Promise.resolve().then(() => this.#handle(receiver, letter));
  }

  async #handle(receiver: Receiver, letter: Letter): Promise<void> {
    if (this.#inHand !== letter) return;
    const handler = this.#rules.receive[letter.message];
    try {
      const value = await this.#kernel.attribute(receiver, () =>
        handler?.(letter.payload, receiver.context),
      );
      if (this.#inHand !== letter) return;
      letter.settle?.({ value });
    } catch (error) {
      if (this.#inHand !== letter) return;
      letter.settle?.({ error: receiverFailedError(this.#node.path, letter.message, error) });
      receiver.fail(error);
    }
    this.#inHand = undefined;
    this.#handleNext();
  }

  #lose(letter: Letter, why: 'not-running' | 'dropped'): void {
    this.#record(letter, why);
    letter.settle?.({ error: notRunningError(this.#node.path, `message '${letter.message}'`) });
  }

  #record(letter: Letter, why: 'not-running' | 'dropped' | 'mailbox-full'): void {
    this.#kernel.journal.record(this.#node, { type: 'message-lost', message: letter.message, why });
  }
}
