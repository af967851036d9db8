import type { Gate } from '../ports/gate.ts';

/** A gate for `limit` pieces of work at once; who waits is let in first come, first served. */
export function createGate(limit: number): Gate {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place goes straight to the next one: nobody who comes now can take it.
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
