import type { ServiceSpec } from '../define/spec.ts';
import { type Examined, HealthChecks } from './health-checks.ts';
import type { Kernel } from './kernel.ts';
import { Watchdog } from './watchdog.ts';

/** What watches over an incarnation while it is ready: its watchdog and its health checks. */
export class Vigil {
  readonly #watchdog: Watchdog | undefined;
  readonly #checks: HealthChecks | undefined;

  /** undefined: there is nothing to watch for. */
  static over(kernel: Kernel, watched: Examined, spec: ServiceSpec): Vigil | undefined {
    const isNeeded = Number.isFinite(spec.watchdogMs) || spec.health.length > 0;
    return isNeeded ? new Vigil(kernel, watched, spec) : undefined;
  }

  private constructor(kernel: Kernel, watched: Examined, { watchdogMs, health }: ServiceSpec) {
    if (Number.isFinite(watchdogMs)) this.#watchdog = new Watchdog(kernel, watched, watchdogMs);
    if (health.length > 0) this.#checks = new HealthChecks(kernel, watched, health);
  }

  beat(): void {
    this.#watchdog?.beat();
  }

  stop(): void {
    this.#watchdog?.stop();
    this.#checks?.stop();
  }
}
