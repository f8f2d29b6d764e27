import { staleHandleError } from './errors.ts';
import type { FinishedRun, RunResult, Schedule, ScheduleCounts } from './handle.ts';
import type { ScheduleLife } from './schedule-life.ts';

/** The life behind a handle: for the hooks of the service. */
export let lifeOf: (handle: LiveSchedule) => ScheduleLife;

/** What others get of one incarnation of a schedule. */
export class LiveSchedule implements Schedule {
  static {
    lifeOf = (handle) => handle.#life;
  }

  readonly #life: ScheduleLife;

  constructor(life: ScheduleLife) {
    this.#life = life;
  }

  get status(): Schedule['status'] {
    const { clock, runs } = this.#life.snapshot?.value ?? {};
    if (runs === 'running') return 'running';
    if (clock === 'paused') return 'paused';
    const isOpen = clock === 'timing' || clock === 'recalling' || clock === 'uninformed';
    return isOpen ? 'waiting' : 'closed';
  }

  get last(): FinishedRun | undefined {
    return this.#life.memory.last;
  }

  get lastCompleted(): FinishedRun | undefined {
    return this.#life.memory.lastCompleted;
  }

  get failuresInARow(): number {
    return this.#life.memory.failuresInARow;
  }

  get counts(): ScheduleCounts {
    return { ...this.#life.memory.counts };
  }

  pause(): void {
    this.#alive('pause').tell({ type: 'pause' });
  }

  resume(): void {
    this.#alive('resume').tell({ type: 'resume' });
  }

  runNow(): Promise<RunResult> {
    return this.#alive('runNow').runNow();
  }

  next(count = 1): Date[] {
    const { snapshot, dateOf } = this.#life;
    if (!snapshot || this.status === 'closed') return [];
    const { ledger, ticking } = snapshot.context;
    const dates: Date[] = [];
    let { due } = ledger;
    while (due !== undefined && Number.isFinite(due) && dates.length < count) {
      dates.push(dateOf(due));
      due = ticking.timetable.next(due);
    }
    return dates;
  }

  #alive(what: string): ScheduleLife {
    const { path, incarnation, isOver } = this.#life.backstage;
    if (isOver) throw staleHandleError(path, incarnation, what);
    return this.#life;
  }
}
