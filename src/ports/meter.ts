/** Counts what is answered. What a client sent reaches it as words of ours, or not at all. */
export interface Meter {
  /** `route`: the format of the route that answered; undefined: the path is not served. */
  requestEnded(route: string | undefined, method: string, status: number, ms: number): void;
}

/** All metrics, in the format of Prometheus. */
export interface MetricsText {
  text(): Promise<string>;
}
