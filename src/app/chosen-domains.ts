import { type DomainName, parseDomainName, parseWildcard, type Wildcard } from '../domain/domain-name.ts';
import { Failure } from '../domain/failure.ts';
import { ServedDomain } from '../domain/served-domain.ts';
import { BEFORE_ALL } from '../domain/tables.ts';
import type { SettingsReader, StoredDomain } from '../ports/settings-reader.ts';
import { UsageError } from './exit-status.ts';

/** Each name once, in the order given. Throws UsageError for a word that is not a domain name. */
export function domainNames(words: readonly string[], command: string): readonly DomainName[] {
  const names = words.map((word) => {
    const name = parseDomainName(word);
    if (name === undefined) throw new UsageError(`${command}: "${word}" is not a valid domain name`);
    return name;
  });
  return [...new Set(names)];
}

/** The same, of which some may be wildcards. */
export function domainsOrWildcards(words: readonly string[], command: string): readonly (DomainName | Wildcard)[] {
  const names = words.map((word) => parseWildcard(word) ?? domainNames([word], command));
  return [...new Set(names.flat())];
}

/** All stored domains in order of id, page by page; memory does not grow with their number. */
export async function* allDomains(store: Pick<SettingsReader, 'walk'>): AsyncGenerator<StoredDomain> {
  for (let afterId = BEFORE_ALL; ; ) {
    const page = await store.walk({ afterId });
    if (page.length === 0) return;
    yield* page;
    const lastId = page.at(-1)?.id ?? Number.NaN;
    // Ids beyond what a number holds exactly would lead back to the same page.
    if (!(Number.isSafeInteger(lastId) && lastId > afterId)) {
      throw new Failure('store_unavailable', `the ids of the table domain cannot be counted, from ${afterId} on`);
    }
    afterId = lastId;
  }
}

/** A domain that an operator means: served, or nothing is served for it. */
export type ChosenDomain =
  | { readonly served: ServedDomain }
  | { readonly name: string; readonly served: undefined; readonly reason: string };

/** The named domains, or all. */
export async function* chosenDomains(
  settings: Pick<SettingsReader, 'find' | 'walk'>,
  names: readonly DomainName[],
): AsyncGenerator<ChosenDomain> {
  if (names.length === 0) {
    for await (const { id, name = `domain ${id}`, mailDomain, unusable } of allDomains(settings)) {
      // There is no host to ask, and nothing to publish.
      if (parseWildcard(name) !== undefined) continue;
      if (mailDomain !== undefined) yield chosen(new ServedDomain(mailDomain));
      else yield { name, served: undefined, reason: unusable[0]?.reason ?? 'nothing is served' };
    }
    return;
  }
  for (const name of names) {
    const mailDomain = await settings.find(name);
    yield mailDomain === undefined
      ? { name, served: undefined, reason: 'not served here' }
      : chosen(new ServedDomain(mailDomain));
  }
}

const chosen = (served: ServedDomain): ChosenDomain =>
  served.settings.mailServers.length > 0
    ? { served }
    : { name: served.name, served: undefined, reason: 'no usable mail server is configured' };
