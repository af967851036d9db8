import { createGate } from '../../src/app/gate.ts';
import type { Gate } from '../../src/ports/gate.ts';

/** A gate, and how much was behind it at once. */
export function watchedGate(limit: number): { readonly gate: Gate; most(): number } {
  const gate = createGate(limit);
  let [now, most] = [0, 0];
  return {
    most: () => most,
    gate: (work) =>
      gate(async () => {
        now += 1;
        most = Math.max(most, now);
        try {
          return await work();
        } finally {
          now -= 1;
        }
      }),
  };
}
