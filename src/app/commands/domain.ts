import { escapeUnprintable } from '../../adapters/log/line-log.ts';
import { type DomainName, parseDomainName } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import { makePlan, type Plan } from '../../domain/plan/plan.ts';
import { differences } from '../../domain/plan/row-differences.ts';
import { idOf, linkRow, RowIndex, SERVER_TABLES, type ServerTable } from '../../domain/row-index.ts';
import { nameOf } from '../../domain/row-names.ts';
import type { Row, Rows } from '../../domain/tables.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import { CHANGE_OPTIONS, changeSettings } from './change-settings.ts';
import type { CommandCall } from './command.ts';
import { withSettings } from './with-settings.ts';

export const DOMAIN_OPTIONS = { ...CHANGE_OPTIONS, like: 'text', provider: 'text' } as const;
type DomainCall = CommandCall<typeof DOMAIN_OPTIONS>;

/** Each name once. */
function namesOf(words: readonly string[], verb: string): readonly DomainName[] {
  if (words.length === 0) throw new UsageError(`domain ${verb} needs the name of a domain`);
  const names = words.map((word) => {
    const name = parseDomainName(word);
    if (name === undefined) throw new UsageError(`domain ${verb}: "${word}" is not a valid domain name`);
    return name;
  });
  return [...new Set(names)];
}

const NO_ROWS: Rows = {
  provider: [],
  server: [],
  davserver: [],
  ldapserver: [],
  domain: [],
  davserver_domain: [],
  server_domain: [],
};

const providerName = (index: RowIndex, domain: Row): string | undefined => {
  const provider = index.providerOf(domain);
  return provider && nameOf('provider', provider);
};

/** Prints the names of all domains, with their providers. */
function list(call: DomainCall): Promise<ExitStatus> {
  return withSettings(call, 'ERROR', async (settings) => {
    const index = new RowIndex(await settings.rows());
    const domains = index.rows.domain
      .map((row) => ({ name: nameOf('domain', row), provider: providerName(index, row) ?? null }))
      .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
    if (call.options.json === true) call.say(JSON.stringify(domains, null, 2));
    else
      for (const { name, provider } of domains)
        call.say(`${escapeUnprintable(name)}\t${escapeUnprintable(provider ?? '')}`);
    return EXIT.ok;
  });
}

const MAIL_COLUMNS = ['socket_type', 'user_name', 'authentication'] as const;

/** Prints what is stored for one domain. */
function show(call: DomainCall, name: DomainName): Promise<ExitStatus> {
  return withSettings(call, 'ERROR', async (settings) => {
    const index = new RowIndex(await settings.rows());
    const [row] = index.named('domain', name);
    if (row === undefined) throw new Failure('domain_unknown', `the domain ${name} is not stored`);
    const directory = index.get('ldapserver', idOf(row, 'ldapserver_id'));
    const lines = [
      `domain ${name}`,
      `provider ${providerName(index, row) ?? 'none: the row that it names does not exist'}`,
      ...SERVER_TABLES.flatMap((table) =>
        index.serversOf(table, idOf(row)).map((id) => {
          const server = index.get(table, id) ?? {};
          const words = MAIL_COLUMNS.map((column) => String(server[column] ?? '').trim());
          return [nameOf(table, server), ...words.filter((word) => word !== '')].join(' ');
        }),
      ),
      ...(directory === undefined ? [] : [`directory ${nameOf('ldapserver', directory)}`]),
    ];
    for (const line of lines) call.say(escapeUnprintable(line));
    return EXIT.ok;
  });
}

/** Ids of the servers that a new domain gets: those of the domain that it is like, or those that all domains of a provider have. */
function serversFor(index: RowIndex, table: ServerTable, models: readonly Row[]): readonly number[] {
  const [first, ...others] = models.map((model) => index.serversOf(table, idOf(model)));
  // Domains may have rows of their own that say the same.
  const isSame = (id: number, other: number): boolean => {
    const [row, otherRow] = [index.get(table, id) ?? {}, index.get(table, other) ?? {}];
    return (
      id === other || (nameOf(table, row) === nameOf(table, otherRow) && differences(table, otherRow, row).length === 0)
    );
  };
  return (first ?? []).filter((id) => others.every((ids) => ids.some((other) => isSame(id, other))));
}

/** The stored rows that new domains need, with the domains. */
function additions(stored: Rows, names: readonly DomainName[], { like, provider }: DomainCall['options']): Rows {
  const index = new RowIndex(stored);
  let models: readonly Row[];
  let owner: Row | undefined;
  if (like !== undefined) {
    const [name] = namesOf([like], 'add --like');
    models = index.named('domain', name ?? '');
    if (models[0] === undefined) throw new Failure('domain_unknown', `the domain ${name} is not stored`);
    owner = index.providerOf(models[0]);
    if (owner === undefined) throw new Failure('domain_unusable', `the provider of ${name} does not exist`);
  } else {
    owner = index.named('provider', provider?.trim() ?? '')[0];
    if (owner === undefined) {
      throw new Failure('domain_unknown', `no provider has the name ${JSON.stringify(provider)}`);
    }
    const ownerId = idOf(owner);
    models = stored.domain.filter((row) => idOf(row, 'provider_id') === ownerId);
  }
  const known = names.find((name) => index.named('domain', name).length > 0);
  if (known !== undefined) throw new Failure('data_exist', `the domain ${known} is stored already`);
  const server = serversFor(index, 'server', models);
  const davserver = serversFor(index, 'davserver', models);
  if (server.length === 0) {
    throw new Failure(
      'domain_unusable',
      'there is no server that a new domain could have; use --like, or automx2 apply',
    );
  }
  const directoryIds = new Set(models.map((row) => row['ldapserver_id'] ?? null));
  const [directoryId = null] = directoryIds.size === 1 ? directoryIds : [];
  const directory = directoryId === null ? undefined : index.get('ldapserver', Number(directoryId));
  const firstId = Math.max(0, ...names.map((_name, at) => at + 1));
  const ids = names.map((_name, at) => firstId + at);
  const links = (table: ServerTable, linked: readonly number[]): readonly Row[] =>
    linked.flatMap((id) => ids.map((domainId) => linkRow(table, id, domainId)));
  return {
    ...NO_ROWS,
    provider: [owner],
    ldapserver: directory === undefined ? [] : [directory],
    server: server.map((id) => index.get('server', id) ?? {}),
    davserver: davserver.map((id) => index.get('davserver', id) ?? {}),
    domain: names.map((name, at) => ({
      id: ids[at] ?? 0,
      name,
      provider_id: idOf(owner),
      ldapserver_id: directory === undefined ? null : idOf(directory),
    })),
    server_domain: links('server', server),
    davserver_domain: links('davserver', davserver),
  };
}

function remove(stored: Rows, names: readonly DomainName[]): Plan {
  const index = new RowIndex(stored);
  const unknown = names.find((name) => index.named('domain', name).length === 0);
  if (unknown !== undefined) throw new Failure('domain_unknown', `the domain ${unknown} is not stored`);
  return makePlan(stored, NO_ROWS, { remove: names });
}

/** Lists, shows, adds and removes domains. */
export async function run(call: DomainCall): Promise<ExitStatus> {
  const [verb, ...words] = call.words;
  const { like, provider } = call.options;
  if (verb !== 'add' && (like ?? provider) !== undefined) throw new UsageError('--like and --provider need domain add');
  const isReading = verb === 'list' || verb === 'show';
  if (isReading && (call.options.yes ?? call.options['dry-run']) !== undefined) {
    throw new UsageError('--yes and --dry-run need domain add or remove');
  }
  if (verb === 'show' && call.options.json !== undefined) throw new UsageError('domain show takes no --json');
  switch (verb) {
    case 'list':
      if (words.length > 0) throw new UsageError(`domain list: unexpected argument "${words[0]}"`);
      return list(call);
    case 'show': {
      const [name, ...others] = namesOf(words, verb);
      if (name === undefined || others.length > 0) throw new UsageError('domain show needs one domain');
      return show(call, name);
    }
    case 'add': {
      const names = namesOf(words, verb);
      if ((like === undefined) === (provider === undefined)) {
        throw new UsageError('domain add needs one of --like DOMAIN and --provider NAME');
      }
      return changeSettings(call, {
        plan: (stored) => makePlan(stored, additions(stored, names, call.options)),
        remarks: (_plan, stored) => {
          const { server, davserver } = additions(stored, names, call.options);
          const titles = [
            ...server.map((row) => nameOf('server', row)),
            ...davserver.map((row) => nameOf('davserver', row)),
          ];
          return [`servers of ${names.length === 1 ? 'the new domain' : 'each new domain'}: ${titles.join(', ')}`];
        },
      });
    }
    case 'remove': {
      const names = namesOf(words, verb);
      return changeSettings(call, { plan: (stored) => remove(stored, names) });
    }
    default:
      throw new UsageError(`domain: must be one of list, show, add, remove, not "${verb}"`);
  }
}
