import { type Finding, GENERAL_RULES } from './client-rules.ts';
import { FORMATS } from './formats/index.ts';
import type { ServedDomain } from './served-domain.ts';

const RULES = [...GENERAL_RULES, ...FORMATS.flatMap(({ rules }) => rules)];

/** What known clients cannot use in the settings of a domain. */
export function clientFindings(domain: ServedDomain): readonly Finding[] {
  return RULES.flatMap(({ broken, ...words }) => {
    const rows = broken(domain);
    return rows === undefined ? [] : [{ ...words, rows }];
  });
}
