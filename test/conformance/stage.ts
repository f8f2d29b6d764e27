import type { Ref, System } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import type { Performance, Theatre } from './bodies.ts';
import { refusedWith } from './codes.ts';
import { CountedClock } from './counted-clock.ts';
import { EventLog } from './event-log.ts';
import { Places } from './places.ts';
import type { Result, Scenario } from './vocabulary.ts';

/** The result of something that was asked for, as far as it is known. */
export class Answer {
  #result: Result = 'pending';

  constructor(asked: Promise<unknown>) {
    asked.then(
      () => {
        this.#result = 'ok';
      },
      (error: unknown) => {
        this.#result = refusedWith(error);
      },
    );
  }

  get result(): Result {
    return this.#result;
  }
}

/** What the steps of one scenario act on, and its assertions look at. */
export class Stage implements Theatre {
  readonly time = new VirtualClock();
  /** The library's timers and those of the bodies, counted apart. */
  readonly libraryClock = new CountedClock(this.time);
  readonly clock = new CountedClock(this.time);
  readonly running = new Map<string, Performance>();
  readonly log = new EventLog();
  readonly answers = new Map<string, Answer>();
  /** Of dynamic children, by path. A handle outlives its child. */
  readonly handles = new Map<string, Ref>();
  readonly places: Places;
  readonly scenario: Scenario;
  /** undefined before the first `start`, and when the definition was refused. */
  system: System | undefined;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.places = new Places(scenario.tree);
  }

  resolve(path: string): string {
    return this.places.resolve(path) ?? path;
  }

  close(): void {
    this.libraryClock.close();
    this.clock.close();
  }
}
