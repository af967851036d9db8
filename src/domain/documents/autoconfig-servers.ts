import { readAuthentication, STORED_PASSWORD_CLEARTEXT, STORED_SOCKET_TYPES } from '../connection-words.ts';
import { FieldError, type Fields, oneOf, text } from '../fields.ts';
import { DEFAULT_USER_NAME } from '../mail-domain.ts';
import { withSampleParts } from '../placeholders.ts';
import { SERVER_READERS } from '../read-rows.ts';
import { columnsOf } from '../tables.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { textsOf, type XmlTree } from './xml-tree.ts';

/** Told of what a section loses. */
export type Tell = (what: string) => void;

/** How the servers of one kind are read from a document of Mozilla Autoconfig. */
export interface SectionReader {
  /** The elements that describe such a server. */
  readonly sections: readonly string[];
  /** What is read inside them. */
  readonly members: readonly string[];
  /** The server's members in a settings document. Throws FieldError if it cannot be used. */
  readonly read: (section: XmlTree, tell: Tell) => Fields;
}

/** Our types of mail servers by theirs. */
const MAIL_TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  incomingServer: { imap: 'imap', pop3: 'pop' },
  outgoingServer: { smtp: 'smtp' },
};
/** Older drafts spell the second one addressBook. */
const DAV_TYPES: Readonly<Record<string, string>> = {
  calendar: 'caldav',
  addressbook: 'carddav',
  addressBook: 'carddav',
};

/** Words of older documents and drafts that no database holds. */
const AUTHENTICATION_ALIASES: ReadonlyMap<string, string> = new Map([
  ['client-ip-based', 'client-IP-address'],
  ['oauth', 'OAuth2'],
]);
/** Authentication methods that clients of DAV servers use by themselves. */
const USUAL_FOR_DAV = ['basic', 'http-basic', 'plain', 'password-cleartext'];

function required(section: XmlTree, ...names: readonly [string, ...string[]]): string {
  const [found] = textsOf(section, ...names);
  if (found === undefined) throw new FieldError(names[0], 'is missing');
  return found;
}

function userName(section: XmlTree, tell: Tell): string {
  const [given = DEFAULT_USER_NAME] = textsOf(section, 'username');
  // Provider files exist that forget the last character of a placeholder.
  const closed = given.replace(/%EMAIL(?:ADDRESS|LOCALPART|DOMAIN)(?!%)/g, '$&%');
  if (closed !== given) tell(`username: a placeholder lacks its last "%"; read as ${closed}`);
  return closed;
}

/** Throws FieldError for a text that is longer than its column. */
function assertFits(table: 'server' | 'davserver', members: Fields): void {
  for (const [name, column] of Object.entries(columnsOf(table))) {
    if ('width' in column && Object.hasOwn(members, name)) text(members[name], name, column.width);
  }
}

function mailServer(section: XmlTree, tell: Tell): Fields {
  const types = MAIL_TYPES[section.name] ?? {};
  const type = oneOf(section.attributes.get('type')?.toLowerCase(), 'type', Object.keys(types));
  const name = required(section, 'hostname');
  const port = required(section, 'port');
  const socketWord = required(section, 'socketType');
  const words = textsOf(section, 'authentication').map(
    (word) => AUTHENTICATION_ALIASES.get(word.toLowerCase()) ?? word,
  );
  // OAuth2 by itself helps few clients. Where no word is known, the first one is named as the mistake.
  const known = words.filter((word) => readAuthentication(word) !== undefined);
  const preferred = known.find((word) => readAuthentication(word) !== 'OAuth2') ?? known[0];
  const chosen = preferred ?? words[0] ?? STORED_PASSWORD_CLEARTEXT;
  const members = {
    type: types[type],
    name,
    port: parseWholeNumber(port, 1, 65_535) ?? port,
    socket_type: socketWord,
    user_name: userName(section, tell),
    authentication: chosen,
  };
  assertFits('server', members);
  const { hostname, socketType, authentication } = SERVER_READERS.server(members, '');
  if (words.length === 0) tell(`no authentication; ${STORED_PASSWORD_CLEARTEXT} is assumed`);
  const further = words.filter((word) => word !== chosen);
  if (further.length > 0) tell(`further authentication left out: ${further.join(', ')}`);
  return {
    ...members,
    name: hostname,
    socket_type: STORED_SOCKET_TYPES[socketType],
    authentication: authentication === 'password-cleartext' ? STORED_PASSWORD_CLEARTEXT : authentication,
  };
}

function davServer(section: XmlTree, tell: Tell): Fields {
  const expected = DAV_TYPES[section.name] ?? '';
  const type = oneOf(section.attributes.get('type')?.toLowerCase() ?? expected, 'type', [expected]);
  const members = { type, url: required(section, 'url', 'serverURL'), user_name: userName(section, tell) };
  const { url } = SERVER_READERS.davserver(members, '');
  assertFits('davserver', { ...members, url });
  const { port, protocol } = new URL(withSampleParts(url));
  const others = textsOf(section, 'authentication').filter((word) => !USUAL_FOR_DAV.includes(word.toLowerCase()));
  if (others.length > 0) tell(`authentication left out: ${others.join(', ')}`);
  const effective = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  return { type, url, port: effective, user_name: members.user_name };
}

export const MAIL_SECTIONS: SectionReader = {
  sections: Object.keys(MAIL_TYPES),
  members: ['hostname', 'port', 'socketType', 'authentication', 'username'],
  read: mailServer,
};
export const DAV_SECTIONS: SectionReader = {
  sections: Object.keys(DAV_TYPES),
  members: ['url', 'serverURL', 'authentication', 'username'],
  read: davServer,
};
