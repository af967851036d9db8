import { socketTypeByPort } from '../connection-words.ts';
import { parseWildcard } from '../domain-name.ts';
import { columnsOf } from '../tables.ts';
import { EXTRA_MEMBERS, readWays } from './extra-rows.ts';
import { firstWord } from './read-row.ts';
import type { ProviderEntry, SettingsDocument } from './write-settings.ts';

type Members = Readonly<Record<string, unknown>>;

/** A seed of version 2, and what the Python automx2 does not take over of it. */
export interface WrittenSeed {
  /** The end of a file's name. */
  readonly name: string;
  readonly seed: Members;
  readonly losses: readonly string[];
}

const nameOfDomain = (domain: string | Members): string => String(typeof domain === 'string' ? domain : domain['name']);

/** automx2 derives these members of a server and ignores what a seed says. */
function lossesOf(server: Members): readonly string[] {
  const { type, port, name = server['url'] } = server;
  const derived: Members =
    'url' in server
      ? { user_name: columnsOf('davserver')['user_name']?.absent, domain_required: true, use_ssl: undefined }
      : {
          socket_type: socketTypeByPort(port),
          user_name: columnsOf('server')['user_name']?.absent,
          authentication: columnsOf('server')['authentication']?.absent,
          prio: columnsOf('server')['prio']?.absent,
        };
  return Object.entries(derived).flatMap(([member, value]) =>
    server[member] === undefined || server[member] === value
      ? []
      : [`${type} ${name}: automx2 stores another ${member} than ${JSON.stringify(server[member])}`],
  );
}

/** Seeds know the column for the way to log in only. */
function withOneWay(server: Members): Members {
  const { authentication } = server;
  return Array.isArray(authentication) ? { ...server, authentication: readWays(authentication, '').column } : server;
}

/** What a seed has no place for. */
function unsaid(
  provider: ProviderEntry,
  servers: readonly Members[],
  domains: readonly (string | Members)[],
): readonly string[] {
  const entries = [provider, ...domains.map((domain) => (typeof domain === 'string' ? {} : domain))];
  const kinds = EXTRA_MEMBERS.filter((kind) => entries.some((members) => Object.hasOwn(members, kind)));
  const hasWays = servers.some(({ authentication }) => Array.isArray(authentication));
  return [...kinds, ...(hasWays ? ['several ways to log in'] : [])].map((what) => `a seed has no place for ${what}`);
}

/** The end of a file's name that is not in `taken` yet, and is from now on: with a number, if it has to be. */
function freeName(stem: string, taken: Set<string>): string {
  let name = `${stem}.json`;
  for (let number = 2; taken.has(name); number += 1) name = `${stem}-${number}.json`;
  taken.add(name);
  return name;
}

/** The domains of a provider by what servers they have, as positions in its list. */
function groupsOf({ domains, servers }: ProviderEntry): ReadonlyMap<string, readonly (string | Members)[]> {
  const listed = servers.map(({ domains: names }) => (Array.isArray(names) ? new Set<unknown>(names) : undefined));
  return Map.groupBy(domains, (domain) => {
    const name = nameOfDomain(domain);
    return listed.flatMap((names, at) => (names === undefined || names.has(name) ? [at] : [])).join(' ');
  });
}

/**
 * A settings document as seeds of version 2: all servers of a seed belong to all its domains, so a provider becomes as many as
 * its domains have sets of servers. Members that automx2 ignores stay, for this program.
 */
export function writeSeeds({ providers, directories = [], defaults }: SettingsDocument): readonly WrittenSeed[] {
  const ids = new Map(directories.map((directory, at) => [directory['label'] ?? directory['name'], at + 1]));
  const taken = new Set<string>();
  return providers.flatMap((given, index) => {
    // Servers of a seed are for all of its domains, and a domain with another one's settings would get these.
    const isLost = (domain: string | Members): boolean =>
      parseWildcard(nameOfDomain(domain)) !== undefined ||
      (typeof domain !== 'string' && domain['same_as'] !== undefined);
    const [unplaced, domains] = [true, false].map((isWanted) =>
      given.domains.filter((domain) => isLost(domain) === isWanted),
    );
    const provider: ProviderEntry = { ...given, domains: domains ?? [] };
    const lost = [
      ...(unplaced ?? []).map((domain) => `a seed has no place for the domain ${nameOfDomain(domain)}`),
      ...(index === 0 && defaults !== undefined ? ['a seed has no place for what all domains offer'] : []),
    ];
    const groups = [...groupsOf(provider)];
    // Without a Latin letter nothing of the name is left.
    const latin = provider.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    const stem = latin.replace(/^-|-$/g, '') || 'provider';
    return groups.map(([places, members], at): WrittenSeed => {
      const servers = places === '' ? [] : places.split(' ').map((place) => provider.servers[Number(place)] ?? {});
      const used = new Set<unknown>();
      const named = members.map((domain) => {
        const directory = typeof domain === 'string' ? undefined : domain['directory'];
        if (directory === undefined) return { name: nameOfDomain(domain) };
        used.add(directory);
        return { name: nameOfDomain(domain), ldapserver_id: ids.get(directory) };
      });
      const ldapservers = directories
        .filter(({ label, name }) => used.has(label ?? name))
        .map(({ label, ...members }) => ({
          id: ids.get(label ?? members['name']),
          bind_user: null,
          bind_password: null,
          ...members,
        }));
      const shortName = firstWord(provider.name);
      return {
        name: freeName(`${stem}${groups.length > 1 ? `-${at + 1}` : ''}`, taken),
        seed: {
          version: 2,
          provider: provider.name,
          domains: named,
          servers: servers
            .map(withOneWay)
            .map(({ domains: _domains, use_ssl: _ssl, domain_required: _required, ...server }) => server),
          ...(ldapservers.length === 0 ? {} : { ldapservers }),
        },
        losses: [
          ...(at === 0 ? lost : []),
          ...unsaid(provider, servers, members),
          ...(provider['short_name'] === shortName ? [] : [`the short name becomes ${JSON.stringify(shortName)}`]),
          ...(servers.some(({ url }) => url === undefined) ? [] : ['a seed needs a mail server']),
          ...servers.map(withOneWay).flatMap(lossesOf),
        ],
      };
    });
  });
}
