import type { Duration } from '../../actors/rules/duration.ts';
import type { AnySupervisor } from '../define/definition.ts';
import type { Status } from '../kernel/node.ts';
import type { System } from '../services/system.ts';
import { driveByTurns, driveSync, type Moves, movingTo, stopping } from './drive.ts';
import type { MoveLog } from './move-log.ts';
import type { PlacesOf } from './places.ts';
import type { Fault } from './plan.ts';
import type { Simulation } from './simulation.ts';
import type { TraceEvent } from './trace.ts';
import { toMs } from './workload.ts';

export type EventPredicate = (event: TraceEvent) => boolean;

/** How far `runUntil` goes in vain. */
const defaultLimit = '1h';

/** What a hand-written scenario sees of its simulation. */
class ScenarioBase<Root extends AnySupervisor> {
  protected readonly simulation: Simulation;

  /** @internal Use `simulate`. */
  constructor(simulation: Simulation) {
    this.simulation = simulation;
  }

  /** Virtual milliseconds since the boot. */
  get now(): number {
    return this.simulation.now;
  }

  /** What the clock on the wall says, in milliseconds since the epoch. */
  get wall(): number {
    return this.simulation.clock.now();
  }

  /** Everything that has happened so far. */
  get events(): readonly TraceEvent[] {
    return this.simulation.events;
  }

  /** Timers of the system that are armed. */
  get pendingTimers(): number {
    return this.simulation.pendingTimers;
  }

  get system(): System<Root> {
    return this.simulation.system as unknown as System<Root>;
  }

  status(path: PlacesOf<Root>): Status {
    return this.simulation.status(path);
  }

  /** Lets something go wrong. An `at` that has passed means now. */
  inject(fault: Fault<PlacesOf<Root>>): void {
    this.simulation.inject(fault);
  }

  /** Puts a remark into the trace. */
  note(text: string): void {
    this.simulation.note({ type: 'note', text });
  }

  protected *advancing(duration: Duration): Moves {
    yield;
    yield* movingTo(this.simulation, this.now + toMs(duration));
  }

  protected *settling(): Moves {
    yield;
    yield* movingTo(this.simulation, this.now);
  }

  protected *runningUntil(predicate: EventPredicate, limit: Duration): Moves<TraceEvent> {
    const end = this.now + toMs(limit);
    let found = this.events.find(predicate);
    const forget = this.simulation.listen((event) => {
      if (!found && predicate(event)) found = event;
    });
    try {
      yield;
      while (!found && !this.simulation.isOver) {
        const { nextAt } = this.simulation.clock;
        if (nextAt === undefined || nextAt > end) break;
        yield* movingTo(this.simulation, nextAt);
      }
    } finally {
      forget();
    }
    if (found) return found;
    const last = this.events.at(-1);
    throw new Error(
      `runUntil: no such event by ${this.now}ms of virtual time. The last was ${last?.type} of ${last?.path}.`,
    );
  }

  protected *shuttingDown(): Moves {
    yield* stopping(this.simulation);
  }
}

/** Drives a simulation at once: each move is over when its method returns. */
export class Scenario<Root extends AnySupervisor = AnySupervisor> extends ScenarioBase<Root> {
  /** Lets so much virtual time pass. */
  advance(duration: Duration): void {
    driveSync(this.simulation, this.advancing(duration));
  }

  /** Lets everything happen that is due now. */
  settle(): void {
    driveSync(this.simulation, this.settling());
  }

  /**
   * Lets time pass until an event happens, one that has happened included. Returns it.
   *
   * @param limit virtual time after which it throws @default '1h'
   */
  runUntil(predicate: EventPredicate, limit: Duration = defaultLimit): TraceEvent {
    return driveSync(this.simulation, this.runningUntil(predicate, limit));
  }

  /** Asks the system to stop, and lets time pass until it is down. */
  shutdown(): void {
    driveSync(this.simulation, this.shuttingDown());
  }
}

/** The same for an `async` body: each move is awaited. */
export class AsyncScenario<Root extends AnySupervisor = AnySupervisor> extends ScenarioBase<Root> {
  readonly #moves: MoveLog;

  /** @internal Use `simulate`. */
  constructor(simulation: Simulation, moves: MoveLog) {
    super(simulation);
    this.#moves = moves;
  }

  advance(duration: Duration): Promise<void> {
    return this.#moves.make('advance()', this.advance, () =>
      driveByTurns(this.advancing(duration)),
    );
  }

  settle(): Promise<void> {
    return this.#moves.make('settle()', this.settle, () => driveByTurns(this.settling()));
  }

  runUntil(predicate: EventPredicate, limit: Duration = defaultLimit): Promise<TraceEvent> {
    return this.#moves.make('runUntil()', this.runUntil, () =>
      driveByTurns(this.runningUntil(predicate, limit)),
    );
  }

  shutdown(): Promise<void> {
    return this.#moves.make('shutdown()', this.shutdown, () => driveByTurns(this.shuttingDown()));
  }
}
