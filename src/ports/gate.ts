/** Bounds how much runs at once: work waits in front of it. Work must not wait for work behind the same gate. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;
