import { OPTIONS } from '../../src/app/options.ts';

/** Each option of the configuration file with the text of its default, in the table's order. */
export const OPTION_DEFAULTS: ReadonlyMap<string, string> = new Map(
  Object.entries(OPTIONS).map(([name, { byDefault }]) => [name, byDefault]),
);
