/** A failing run names its seed; FUZZ_SEED=... repeats it, FUZZ_ROUNDS=... makes it longer. */
export const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 32);
export const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 700);

export interface Random {
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
  /** Up to `maxPieces` of the pieces, one after the other. */
  text(pieces: readonly string[], maxPieces: number): string;
}

/** Numbers that look random enough (Numerical Recipes' generator) and come again with the same seed. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const text = (pieces: readonly string[], maxPieces: number): string =>
    Array.from({ length: below(maxPieces + 1) }, () => pick(pieces)).join('');
  return { below, pick, text };
}
