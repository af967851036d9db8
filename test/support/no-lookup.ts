import type { Lookup } from '../../src/ports/lookup.ts';

/** Nobody is served. */
export const NO_LOOKUP: Lookup = {
  domain: async () => undefined,
  host: async () => undefined,
  user: async () => undefined,
};
