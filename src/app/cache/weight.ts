import { NO_EXTRAS } from '../../domain/extras.ts';
import type { MailDomain } from '../../domain/mail-domain.ts';

/** What documents in all formats add for each server of a domain, in characters. */
const CHARACTERS_PER_SERVER = 1_200;

/** About what is kept of a domain: its texts, and what documents made of them add. */
export function charactersOf({ name, siblings, provider, mailServers, davServers, extras }: MailDomain): number {
  const texts = [
    ...siblings,
    ...[provider.name, provider.shortName, provider.name],
    ...mailServers.flatMap(({ hostname, userName }) => [hostname, userName]),
    ...davServers.flatMap(({ url, userName }) => [url, userName]),
    // They are in documents, too.
    ...(extras === NO_EXTRAS ? [] : Array<string>(2).fill(JSON.stringify(extras))),
  ];
  const servers = mailServers.length + davServers.length;
  return texts.reduce((sum, text) => sum + text.length, name.length + servers * CHARACTERS_PER_SERVER);
}
