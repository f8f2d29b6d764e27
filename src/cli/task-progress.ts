import type { LifecycleEvent } from '../events.ts';

type Progress = Extract<LifecycleEvent, { type: 'task-progress' }>;

/** How many tasks are shown; the others are counted. */
const shown = 2;
/** In signs. */
const barWidth = 10;

/** Keeps the book of the tasks that say how far they are, from the lifecycle events. */
export class TaskProgressBook {
  /** By worker and id, in the order in which they first said something. */
  readonly #tasks = new Map<string, Progress>();

  get isEmpty(): boolean {
    return this.#tasks.size === 0;
  }

  note(event: LifecycleEvent): void {
    if (event.type === 'task-progress') this.#tasks.set(`${event.path}#${event.id}`, event);
    // Another attempt has to say anew how far it is.
    else if (event.type === 'task' && event.status !== 'stopping')
      this.#tasks.delete(`${event.path}#${event.id}`);
  }

  /** `import-7 ▰▰▰▱▱▱▱▱▱▱ 33% reading · report-1 page 3 · 2 more` */
  text(): string {
    const all = [...this.#tasks.values()];
    const parts = all.slice(0, shown).map(progressText);
    const others = all.length - shown;
    return [...parts, ...(others > 0 ? [`${others} more`] : [])].join(' · ');
  }
}

function progressText({ id, fraction, text }: Progress): string {
  const parts = fraction === undefined ? [id] : [id, bar(fraction), percent(fraction)];
  return [...parts, ...(text === undefined ? [] : [text])].join(' ');
}

function bar(fraction: number): string {
  const done = Math.floor(fraction * barWidth);
  return '▰'.repeat(done) + '▱'.repeat(barWidth - done);
}

/** Never 100 before it is. */
function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)}%`;
}
