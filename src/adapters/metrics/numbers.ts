/** One line of a metric. */
export interface Sample {
  /** Of the labels, in the order of the metric's table. */
  readonly values: readonly string[];
  readonly value: number;
  /** What a histogram's lines have behind their name, and its buckets beside their labels. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly le?: string;
}

/** A metric without labels; undefined: there is nothing to say now. */
export const single = (value: number | undefined): readonly Sample[] =>
  value === undefined ? [] : [{ values: [], value }];

/** What counts a value that no list has: whatever clients send, there is no other series. */
export const OTHER = 'other';

/** Counts by labels. Every combination of their values is there from the start, so that a rate sees the first event. */
export class Counter {
  readonly #lists: readonly (readonly string[])[];
  readonly #counts = new Map<string, { readonly values: readonly string[]; value: number }>();

  /** The values of each label; the last of a list counts what is not in it. */
  constructor(...lists: readonly (readonly string[])[]) {
    this.#lists = lists;
    for (const values of combinations(lists)) this.#counts.set(values.join(), { values, value: 0 });
  }

  add(...values: readonly string[]): void {
    const known = this.#counts.get(values.join()) ?? this.#counts.get(this.#listed(values).join());
    if (known !== undefined) known.value += 1;
  }

  samples(): readonly Sample[] {
    return [...this.#counts.values()];
  }

  #listed(values: readonly string[]): readonly (string | undefined)[] {
    return this.#lists.map((list, index) => list.find((each) => each === values[index]) ?? list.at(-1));
  }
}

const combinations = (lists: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  lists.reduce<readonly (readonly string[])[]>(
    (begun, list) => begun.flatMap((values) => list.map((each) => [...values, each])),
    [[]],
  );

/** Upper ends in seconds: an answer from memory, one of a database, one that waits for it, one that waits for a deadline. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];

/** How many durations were how long. */
export class Histogram {
  /** Of each bucket alone; the last one has no end. */
  readonly #counts = [...BUCKETS, Number.POSITIVE_INFINITY].map(() => 0);
  #sum = 0;

  add(seconds: number): void {
    const index = BUCKETS.findIndex((end) => seconds <= end);
    const bucket = index === -1 ? BUCKETS.length : index;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  samples(values: readonly string[] = []): readonly Sample[] {
    let value = 0;
    const buckets = this.#counts.map((count, index): Sample => {
      value += count;
      return { values, value, suffix: '_bucket', le: String(BUCKETS[index] ?? '+Inf') };
    });
    return [...buckets, { values, value: this.#sum, suffix: '_sum' }, { values, value, suffix: '_count' }];
  }
}
