interface Entry<V> {
  readonly value: V;
  readonly weight: number;
  /** Since it was put at the end. */
  isUsed: boolean;
}

/**
 * A bounded map. When it is full, entries are removed from its beginning, but one that was used since it was put at the end is
 * put there once more. (Moving an entry at each use makes a Map grow and be copied repeatedly.)
 */
export class SecondChanceMap<K, V> {
  readonly #maxEntries: number;
  readonly #maxWeight: number;
  readonly #entries = new Map<K, Entry<V>>();
  #weight = 0;

  constructor(maxEntries: number, maxWeight = Number.POSITIVE_INFINITY) {
    this.#maxEntries = maxEntries;
    this.#maxWeight = maxWeight;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.isUsed = true;
    return entry.value;
  }

  /** An entry that is heavier than all together may be is not kept. */
  set(key: K, value: V, weight = 0): void {
    this.delete(key);
    if (weight > this.#maxWeight) return;
    // Room is made before: the new one, not used yet, would go itself where all others were.
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size < this.#maxEntries && this.#weight + weight <= this.#maxWeight) break;
      if (entry.isUsed) {
        entry.isUsed = false;
        this.#entries.delete(oldest);
        this.#entries.set(oldest, entry);
      } else this.delete(oldest);
    }
    this.#entries.set(key, { value, weight, isUsed: false });
    this.#weight += weight;
  }

  delete(key: K): void {
    this.#weight -= this.#entries.get(key)?.weight ?? 0;
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  /** Does not count as a use. */
  *values(): Iterable<V> {
    for (const { value } of this.#entries.values()) yield value;
  }
}
