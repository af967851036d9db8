import { Failure } from '../domain/failure.ts';
import type { Log } from '../ports/log.ts';

export type OutageWatch = <T>(answer: Promise<T>) => Promise<T>;

/** Passes answers on; one line in the log when they begin to fail and one when they come again, not one a request. */
export function outageWatch(name: string, log: Log): OutageWatch {
  let asked = 0;
  /** How many had been asked for when one failed last; an answer to these does not end the outage. */
  let awayUntil: number | undefined;
  return async (answer) => {
    asked += 1;
    const turn = asked;
    try {
      const value = await answer;
      if (awayUntil !== undefined && turn > awayUntil) {
        log.write('WARNING', `${name} are answered again`);
        awayUntil = undefined;
      }
      return value;
    } catch (error) {
      if (awayUntil === undefined && error instanceof Failure) log.write('ERROR', `${name} fail: ${error.message}`);
      awayUntil = asked;
      throw error;
    }
  };
}
