import { escapeUnprintable } from '../../adapters/log/line-log.ts';
import { type DomainName, parseDomainName, type Wildcard } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import { type Model, newDomains } from '../../domain/plan/new-domains.ts';
import { makePlan, type Plan } from '../../domain/plan/plan.ts';
import { idOf, RowIndex, SERVER_TABLES } from '../../domain/row-index.ts';
import { nameOf } from '../../domain/row-names.ts';
import { emptyRows, type Row, type Rows } from '../../domain/tables.ts';
import { domainsOrWildcards } from '../chosen-domains.ts';
import { dnsOf } from '../dns-report.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import { type ChangeOptions, changeSettings } from './change-settings.ts';
import type { CommandCall } from './command.ts';
import { withSettings } from './with-settings.ts';

type DomainCall = CommandCall<ChangeOptions & { readonly like: 'text'; readonly provider: 'text' }>;

/** The domains that a verb is about: at least one. */
function namesOf(words: readonly string[], verb: string): readonly (DomainName | Wildcard)[] {
  if (words.length === 0) throw new UsageError(`domain ${verb} needs the name of a domain`);
  return domainsOrWildcards(words, `domain ${verb}`);
}

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
function show(call: DomainCall, name: DomainName | Wildcard): Promise<ExitStatus> {
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
      ...index.extrasOf(name).map(({ kind, data }) => `${kind} ${data}`),
    ];
    for (const line of lines) call.say(escapeUnprintable(line));
    return EXIT.ok;
  });
}

/** What new domains get their settings from. */
function modelOf(like: string | undefined, provider: string | undefined): Model {
  if (like !== undefined && provider === undefined) return { domain: namesOf([like], 'add --like')[0] ?? like };
  if (provider !== undefined && like === undefined) return { provider: provider.trim() };
  throw new UsageError('domain add needs one of --like DOMAIN and --provider NAME');
}

function remove(stored: Rows, names: readonly string[]): Plan {
  const index = new RowIndex(stored);
  const unknown = names.find((name) => index.named('domain', name).length === 0);
  if (unknown !== undefined) throw new Failure('domain_unknown', `the domain ${unknown} is not stored`);
  return makePlan(stored, emptyRows(), { remove: names });
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
      const model = modelOf(like, provider);
      // A wildcard has no records.
      const published = names.flatMap((name) => parseDomainName(name) ?? []);
      return changeSettings(call, {
        plan: (stored) => makePlan(stored, newDomains(stored, names, model)),
        ...(published.length === 0
          ? {}
          : { dns: (result) => dnsOf(result, published, call.configuration.settings.publicHost) }),
        remarks: (_plan, stored) => {
          const wanted = newDomains(stored, names, model);
          const titles = SERVER_TABLES.flatMap((table) => wanted[table].map((row) => nameOf(table, row)));
          const whose = names.length === 1 ? 'the new domain' : 'each new domain';
          const kinds = new Set(wanted.automx2_extra.map(({ kind }) => String(kind)));
          return [
            ...(titles.length === 0 ? [] : [`servers of ${whose}: ${titles.join(', ')}`]),
            ...(kinds.size === 0 ? [] : [`${whose} also gets: ${[...kinds].join(', ')}`]),
          ];
        },
      });
    }
    case 'remove': {
      const names = namesOf(words, verb);
      return changeSettings(call, { plan: (stored) => remove(stored, names) });
    }
    default:
      // The table of commands names these four.
      throw new Error(`domain: "${verb}" is no verb`);
  }
}
