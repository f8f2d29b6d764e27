import {
  type Context,
  type SingletonOptions,
  service,
  singleton,
  supervisor,
} from '../../src/index.ts';
import { Cluster } from './replicas.ts';

/** Who works when: `a+ a- b+`. */
export class Diary {
  readonly entries: string[] = [];
  readonly working = new Set<string>();

  note(entry: string): void {
    this.entries.push(entry);
  }

  /** Works until it is stopped. */
  readonly body = (who: string) => async (ctx: Pick<Context, 'sleep'>) => {
    this.note(`${who}+`);
    this.working.add(who);
    try {
      await ctx.sleep('1d');
    } finally {
      this.working.delete(who);
      this.note(`${who}-`);
    }
  };

  get text(): string {
    return this.entries.join(' ');
  }
}

/** A program whose replicas do the billing one at a time. */
export function billing(options: SingletonOptions = {}) {
  const diary = new Diary();
  const cluster = new Cluster((who) =>
    supervisor('app', [singleton(service('billing', diary.body(who)), options)]),
  );
  return { diary, cluster };
}
