import { parseDomainName } from '../domain-name.ts';
import { Failure } from '../failure.ts';
import type { Fields } from '../fields.ts';

/** What a file of another program gives for a settings document of version 3; its members are those of that document. */
export interface Imported {
  readonly provider: {
    readonly name: string;
    readonly short_name: string;
    readonly domains: readonly ImportedDomain[];
    readonly servers: readonly Fields[];
  };
  readonly directories: readonly Directory[];
}

/** `directory` is a label. */
export type ImportedDomain = string | (Fields & { readonly name: string; readonly directory?: string });

type Directory = Fields & { readonly label: string };

/** Told of what the document cannot hold; `line`: where it stands, as far as it has a place. */
export type OnLoss = (what: string, line?: number) => void;

/** An imported file, and what messages call it. */
export interface ImportedFile {
  readonly file: string;
  readonly content: Imported;
}

const invalid = (message: string): Failure => new Failure('document_invalid', message);

const nameOf = (domain: ImportedDomain): string => {
  const name = typeof domain === 'string' ? domain : domain.name;
  return parseDomainName(name.trim()) ?? name;
};

/** A server that one of a provider's files names, and its domains: without them, it would get those of the other files. */
interface Server {
  readonly file: string;
  readonly members: Fields;
  readonly domains: Set<string>;
}

/** A provider of one or more files. */
interface Provider {
  readonly file: string;
  readonly members: Fields;
  readonly shortName: string;
  readonly domains: ImportedDomain[];
  readonly servers: Server[];
}

/** What identifies a server within its provider. */
export const keyOf = ({ type, name, url, port }: Fields): string =>
  [type, name ?? url, ...(name === undefined ? [] : [port])].join(' ').toLowerCase();

/** Whether two servers mean the same to clients. Priorities are relative to a file and do not count. */
const isSame = (one: Fields, another: Fields): boolean =>
  [...new Set([...Object.keys(one), ...Object.keys(another)])].every(
    (member) => member === 'prio' || one[member] === another[member],
  );

function addServers(provider: Provider, { file, content }: ImportedFile, domains: readonly string[]): void {
  const others = new Map(provider.servers.map((server) => [keyOf(server.members), server]));
  for (const members of content.provider.servers) {
    const other = others.get(keyOf(members));
    if (other === undefined) provider.servers.push({ file, members, domains: new Set(domains) });
    else if (isSame(other.members, members)) for (const domain of domains) other.domains.add(domain);
    else throw invalid(`${file}: the server ${keyOf(members)} differs from the one in ${other.file}`);
  }
}

/** Adds what another file says about the provider. */
function addFile(provider: Provider, imported: ImportedFile, domains: readonly string[]): void {
  const { name, short_name, domains: added } = imported.content.provider;
  const differ = (what: string): Failure =>
    invalid(`${imported.file}: the provider ${JSON.stringify(name)} is in ${provider.file}, too, and ${what}`);
  if (short_name !== provider.shortName) throw differ('has another short name there');
  if (added.length === 0 || provider.domains.length === 0) throw differ('one of them names no domain');
  addServers(provider, imported, domains);
  for (const domain of added) provider.domains.push(domain);
}

/** Labels are unique in a document: a directory whose label is taken by another one gets the next free number. */
function relabelled({ content, file }: ImportedFile, taken: ReadonlyMap<string, Directory>): ImportedFile {
  const labels = new Map<string, string>();
  for (const directory of content.directories) {
    let { label } = directory;
    const isTaken = (): boolean => {
      const other = taken.get(label);
      return other !== undefined && !isSame({ ...directory, label }, other);
    };
    while (isTaken() || [...labels.values()].includes(label)) label = String(Number(label) + 1);
    labels.set(directory.label, label);
  }
  const newLabel = (label: string): string => labels.get(label) ?? label;
  const domains = content.provider.domains.map((domain) =>
    typeof domain === 'string' || domain.directory === undefined
      ? domain
      : { ...domain, directory: newLabel(domain.directory) },
  );
  const directories = content.directories.map((directory) => ({ ...directory, label: newLabel(directory.label) }));
  return { file, content: { provider: { ...content.provider, domains }, directories } };
}

function written({ members, domains, servers }: Provider): Fields {
  const withDomains = (server: Server): Fields =>
    server.domains.size === domains.length ? server.members : { ...server.members, domains: [...server.domains] };
  return { ...members, domains, servers: servers.map(withDomains) };
}

/**
 * One settings document of version 3 for all the files. Files with the same provider are merged; each server stays with the
 * domains of the files that name it. Throws document_invalid where files contradict each other.
 */
export function settingsOf(files: readonly ImportedFile[]): Fields {
  const providers = new Map<string, Provider>();
  const directories = new Map<string, Directory>();
  const fileOfDomain = new Map<string, string>();
  for (const each of files) {
    const imported = relabelled(each, directories);
    const { file, content } = imported;
    const names = content.provider.domains.map(nameOf);
    for (const name of names) {
      const other = fileOfDomain.get(name);
      if (other !== undefined) throw invalid(`${file}: the domain ${name} is in ${other}, too`);
    }
    for (const name of names) fileOfDomain.set(name, file);
    for (const directory of content.directories) directories.set(directory.label, directory);
    const { provider } = content;
    const known = providers.get(provider.name);
    if (known !== undefined) addFile(known, imported, names);
    else {
      providers.set(provider.name, {
        file,
        members: provider,
        shortName: provider.short_name,
        domains: [...provider.domains],
        servers: provider.servers.map((members) => ({ file, members, domains: new Set(names) })),
      });
    }
  }
  return {
    version: 3,
    providers: [...providers.values()].map(written),
    ...(directories.size === 0 ? {} : { directories: [...directories.values()] }),
  };
}
