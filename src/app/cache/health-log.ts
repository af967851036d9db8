import type { HealthState } from '../../ports/health.ts';
import type { Log } from '../../ports/log.ts';
import { Outage } from '../outage.ts';

/** Says in the log, once, why health checks fail: what an operator looks for whose monitor saw /healthz turn 503. */
export class HealthLog {
  readonly #checks: Outage;
  /** The latest answer; undefined: it was a failure. */
  #latest: HealthState | undefined;

  constructor(log: Log) {
    this.#checks = new Outage('health checks', log);
  }

  /** Passes the answer on. `isTold`: the log says of look-ups already why they fail. */
  async watch(answer: Promise<HealthState>, isTold: boolean): Promise<HealthState> {
    // What look-ups met may be long ago where answers from memory have served since.
    const isSilent = isTold && this.#latest !== 'remembered';
    try {
      this.#latest = await (isSilent ? answer : this.#checks.watch(answer));
      return this.#latest;
    } catch (error) {
      this.#latest = undefined;
      throw error;
    }
  }
}
