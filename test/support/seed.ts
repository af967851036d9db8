const SERVERS = 10;

/** A seed, as text, with so many domains: d0.example and so on, each with ten servers. */
export const seedOf = (domains: number): string =>
  JSON.stringify({
    version: 2,
    provider: 'Seed',
    domains: Array.from({ length: domains }, (_, index) => ({ name: `d${index}.example` })),
    servers: Array.from({ length: SERVERS }, (_, index) => ({ type: 'imap', name: `imap${index}.example` })),
  });

/** How many rows, of all tables together, are stored of it. */
export const rowsOf = (domains: number): number => 1 + domains + SERVERS + SERVERS * domains;
