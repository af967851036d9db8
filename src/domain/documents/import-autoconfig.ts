import { Failure } from '../failure.ts';
import { domainName, FieldError, type Fields } from '../fields.ts';
import { TABLES } from '../tables.ts';
import { DAV_SECTIONS, MAIL_SECTIONS, type SectionReader, type Tell } from './autoconfig-servers.ts';
import { type Imported, keyOf, type OnLoss } from './imported.ts';
import { firstWord } from './read-row.ts';
import { childrenOf, textsOf, type XmlTree } from './xml-tree.ts';

/** Of draft-ietf-mailmaint-autoconfig and of the documents before it; they differ in nothing that is read here. */
const VERSIONS = ['1.0', '1.1', '1.2'];

/** The priorities of a document's servers keep its order, and leave room. */
const PRIORITY_STEP = 10;

/** What is read inside. */
const IN_CLIENT_CONFIG = ['emailProvider', ...DAV_SECTIONS.sections];
const IN_PROVIDER = [
  ...['domain', 'displayName', 'displayShortName', 'displayNameShort'],
  ...[...MAIL_SECTIONS.sections, ...DAV_SECTIONS.sections],
];

/** Elements that are not imported. */
const WITHOUT_PLACE: readonly string[] = [
  ...['documentation', 'instruction', 'enable', 'webMail', 'oAuth2', 'clientConfigUpdate'],
  ...['fileShare', 'chatServer', 'videoConference', 'setupServer'],
  // Of servers
  ...['pop3', 'leaveMessagesOnServer', 'restriction', 'addThisServer', 'useGlobalPreferredServer', 'owaURL', 'ewsURL'],
];

/** What a section says, as a list of one; of none, if it cannot be used. */
function usable<T>(section: XmlTree, onLoss: OnLoss, read: (tell: Tell) => T): readonly T[] {
  const tell: Tell = (what) => onLoss(`${section.name}: ${what}`, section.line);
  try {
    return [read(tell)];
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    tell(`left out: ${error.message}`);
    return [];
  }
}

/** A server, and what its section holds beside it. */
interface Found {
  readonly server: Fields;
  readonly unread: readonly XmlTree[];
}

const unreadOf = ({ children }: XmlTree, read: readonly string[]): readonly XmlTree[] =>
  children.filter(({ name }) => !read.includes(name));

function serversIn(
  parents: readonly XmlTree[],
  { sections, members, read }: SectionReader,
  onLoss: OnLoss,
): readonly Found[] {
  const found = new Map<string, Found>();
  for (const section of parents.flatMap((parent) => childrenOf(parent, ...sections))) {
    const [server] = usable(section, onLoss, (tell) => {
      const each = read(section, tell);
      if (!found.has(keyOf(each))) return each;
      throw new FieldError(members[0] ?? '', 'must not be that of another server, with the same type and port');
    });
    if (server !== undefined) found.set(keyOf(server), { server, unread: unreadOf(section, members) });
  }
  return [...found.values()];
}

/** The domains whose users have these servers, each once. */
function domainsOf(provider: XmlTree, onLoss: OnLoss): readonly string[] {
  const found = childrenOf(provider, 'domain').flatMap((section) =>
    usable(section, onLoss, () => {
      // The domain of the MX host, under which clients find the file; nobody has an address in it.
      if (section.attributes.get('purpose') === 'mx') throw new FieldError('purpose', 'must not be "mx"');
      return domainName(section.text, 'name', TABLES.domain.columns.name.width);
    }),
  );
  if (found.length === 0) onLoss('no domain is left; add some to "domains"');
  return [...new Set(found)];
}

/** How often each name is there: "documentation (3), webMail". */
function tally(elements: readonly XmlTree[]): string {
  const counts = Map.groupBy(elements, ({ name }) => name);
  return [...counts].map(([name, { length }]) => (length === 1 ? name : `${name} (${length})`)).join(', ');
}

function reportUnread(unread: readonly XmlTree[], onLoss: OnLoss): void {
  const hasNoPlace = ({ name }: XmlTree): boolean => WITHOUT_PLACE.includes(name);
  const [known, unknown] = [unread.filter(hasNoPlace), unread.filter((element) => !hasNoPlace(element))];
  if (known.length > 0) onLoss(`left out, for it is not imported: ${tally(known)}`);
  if (unknown.length > 0) onLoss(`unknown elements ignored: ${tally(unknown)}`);
}

function cut(name: string, width: number, what: string, onLoss: OnLoss): string {
  const characters = [...name];
  if (characters.length <= width) return name;
  onLoss(`${what} has more than ${width} characters and is cut`);
  return characters.slice(0, width).join('').trimEnd();
}

/** A name, in one line. */
const displayText = (provider: XmlTree, ...names: readonly string[]): string | undefined =>
  textsOf(provider, ...names)[0]?.replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ');

/**
 * What a document of Mozilla Autoconfig gives for a settings document of version 3: a provider file of Mozilla's database, or
 * another server's answer. Unusable parts are left out. Throws document_invalid for another kind of document, or if no mail
 * server is left.
 */
export function importAutoconfig(root: XmlTree, onLoss: OnLoss): Imported {
  if (root.name !== 'clientConfig' || !VERSIONS.includes(root.attributes.get('version') ?? '')) {
    throw new Failure(
      'document_invalid',
      `must be a clientConfig of version ${VERSIONS.join(', ')}, or a seed in JSON`,
    );
  }
  const [provider, second] = childrenOf(root, 'emailProvider');
  if (provider === undefined) throw new Failure('document_invalid', 'has no emailProvider');
  if (second !== undefined) onLoss('a second emailProvider is left out', second.line);

  const domains = domainsOf(provider, onLoss);
  const mail = serversIn([provider], MAIL_SECTIONS, onLoss);
  if (mail.length === 0) throw new Failure('document_invalid', 'no mail server is left');
  // They stand beside the provider, in some servers' answers inside.
  const dav = serversIn([root, provider], DAV_SECTIONS, onLoss);
  const unread = [...unreadOf(root, IN_CLIENT_CONFIG), ...unreadOf(provider, IN_PROVIDER)];
  reportUnread([...unread, ...[...mail, ...dav].flatMap((found) => found.unread)], onLoss);

  const shortText = displayText(provider, 'displayShortName', 'displayNameShort');
  const fullText = displayText(provider, 'displayName') ?? shortText ?? domains[0];
  if (fullText === undefined) throw new Failure('document_invalid', 'has neither a displayName nor a domain');
  const { name, short_name } = TABLES.provider.columns;
  return {
    provider: {
      name: cut(fullText, name.width, 'displayName', onLoss),
      short_name: cut(shortText ?? firstWord(fullText), short_name.width, 'displayShortName', onLoss),
      domains,
      servers: [
        ...mail.map(({ server }, index) => ({ ...server, prio: (index + 1) * PRIORITY_STEP })),
        ...dav.map(({ server }) => server),
      ],
    },
    directories: [],
  };
}
