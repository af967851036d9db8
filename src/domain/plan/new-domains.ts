import type { DomainName, Wildcard } from '../domain-name.ts';
import { ALL_DOMAINS } from '../extras.ts';
import { Failure } from '../failure.ts';
import { idOf, linkRow, RowIndex, type ServerTable } from '../row-index.ts';
import { nameOf } from '../row-names.ts';
import { emptyRows, type Row, type Rows } from '../tables.ts';
import { isOfAll } from './plan-extras.ts';
import { differences } from './row-differences.ts';

/** What new domains get their settings from: a stored domain, or a provider, of which they get what all its domains have. */
export type Model = { readonly domain: string } | { readonly provider: string };

/** The provider of new domains, and the stored domains whose settings they share. */
interface Found {
  readonly provider: Row;
  readonly domains: readonly Row[];
}

/** The domains of a provider that have settings of their own. */
const ofProvider = (index: RowIndex, provider: Row): readonly Row[] =>
  index.rows.domain.filter(
    (row) => idOf(row, 'provider_id') === idOf(provider) && !isAlias(index.extrasOf(nameOf('domain', row))),
  );

const isAlias = (extras: readonly Row[]): boolean => extras.some(({ kind }) => kind === 'same_as');

function find(index: RowIndex, model: Model): Found {
  if ('domain' in model) {
    const domains = index.named('domain', model.domain);
    const [first] = domains;
    if (first === undefined) throw new Failure('domain_unknown', `the domain ${model.domain} is not stored`);
    const provider = index.providerOf(first);
    if (provider !== undefined) return { provider, domains };
    throw new Failure('domain_unusable', `the provider of ${model.domain} does not exist`);
  }
  const [provider] = index.named('provider', model.provider);
  if (provider === undefined) {
    throw new Failure('domain_unknown', `no provider has the name ${JSON.stringify(model.provider)}`);
  }
  return { provider, domains: ofProvider(index, provider) };
}

/** The servers that all of the domains have, by the same row or by rows that mean the same. */
function sharedServers(index: RowIndex, table: ServerTable, domains: readonly Row[]): readonly Row[] {
  const [first = [], ...others] = domains.map((domain) =>
    index.serversOf(table, idOf(domain)).map((id) => index.get(table, id) ?? {}),
  );
  const isSame = (row: Row, other: Row): boolean =>
    row === other || (nameOf(table, row) === nameOf(table, other) && differences(table, other, row).length === 0);
  return first.filter((row) => others.every((rows) => rows.some((other) => isSame(row, other))));
}

/** The extras that all of the domains have alike. */
function sharedExtras(index: RowIndex, domains: readonly Row[]): readonly Row[] {
  const [first = [], ...others] = domains.map((domain) => {
    const name = nameOf('domain', domain);
    return index.extrasOf(name).filter((row) => name !== ALL_DOMAINS || !isOfAll(row));
  });
  const isSame = (row: Row, other: Row): boolean =>
    ['kind', 'n', 'data'].every((column) => row[column] === other[column]);
  return first.filter((row) => others.every((rows) => rows.some((other) => isSame(row, other))));
}

/**
 * The wanted rows for new domains: with the stored rows of provider, servers and directory, as the model has them. Throws
 *  domain_unknown, domain_unusable or data_exist.
 */
export function newDomains(stored: Rows, names: readonly (DomainName | Wildcard)[], model: Model): Rows {
  const index = new RowIndex(stored);
  const { provider, domains } = find(index, model);
  const known = names.find((name) => index.named('domain', name).length > 0);
  if (known !== undefined) throw new Failure('data_exist', `the domain ${known} is stored already`);
  const server = sharedServers(index, 'server', domains);
  const davserver = sharedServers(index, 'davserver', domains);
  const extras = sharedExtras(index, domains);
  if (server.length === 0 && !isAlias(extras)) {
    const whose = 'domain' in model ? `the domain ${model.domain}` : `all domains of ${nameOf('provider', provider)}`;
    throw new Failure('domain_unusable', `no mail server belongs to ${whose}; use automx2 apply`);
  }
  const directoryIds = new Set(domains.map((row) => row['ldapserver_id'] ?? null));
  const [directoryId = null] = directoryIds.size === 1 ? directoryIds : [];
  const directory = directoryId === null ? undefined : index.get('ldapserver', Number(directoryId));
  const links = (table: ServerTable, rows: readonly Row[]): Row[] =>
    rows.flatMap((row) => names.map((_name, at) => linkRow(table, idOf(row), at + 1)));
  return {
    ...emptyRows(),
    provider: [provider],
    ldapserver: directory === undefined ? [] : [directory],
    server,
    davserver,
    domain: names.map((name, at) => ({
      id: at + 1,
      name,
      provider_id: idOf(provider),
      ldapserver_id: directory === undefined ? null : idOf(directory),
    })),
    automx2_extra: names.flatMap((domain_name) =>
      extras.filter((row) => domain_name !== ALL_DOMAINS || !isOfAll(row)).map((row) => ({ ...row, domain_name })),
    ),
    server_domain: links('server', server),
    davserver_domain: links('davserver', davserver),
  };
}
