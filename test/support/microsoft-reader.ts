import { readXml } from '../domain/formats/read-xml.ts';
import {
  addressOf,
  giveUp,
  portOf,
  protocols,
  type ServerSetup,
  type Setup,
  textOf,
  textsOf,
  type User,
} from './mail-client.ts';
import type { Answer } from './replay.ts';

const SCHEMAS = 'http://schemas.microsoft.com/exchange/autodiscover';
const TYPES: Readonly<Record<string, ServerSetup['type']>> = { IMAP: 'imap', POP3: 'pop', SMTP: 'smtp' };
const SECURITY: Readonly<Record<string, ServerSetup['security']>> = { SSL: 'SSL', TLS: 'STARTTLS', None: 'plain' };

/**
 * Reads settings as [MS-OXDSCLI] section 2.2.4.1 defines them, as Outlook and eM Client do: Type comes first, flags are
 * "on" and "off", Encryption overrides SSL, a missing SPA is on, a missing LoginName is the part before the "@".
 */
export function readMicrosoft(answer: Answer, user: User): Setup {
  if (answer.status !== 200) giveUp(`status ${answer.status}`);
  const root = readXml(answer.body);
  const response = root.children[0] ?? giveUp('no Response');
  if (root.attributes.get('xmlns') !== `${SCHEMAS}/responseschema/2006`) giveUp('another root schema');
  if (response.attributes.get('xmlns') !== `${SCHEMAS}/outlook/responseschema/2006a`) giveUp('another schema');
  const [first, account, ...more] = response.children;
  if (first?.name !== 'User' || account?.name !== 'Account' || more.length > 0) return giveUp('not User and Account');
  if (textOf(account, 'AccountType') !== 'email' || textOf(account, 'Action') !== 'settings') giveUp('no settings');
  const servers = protocols(answer).flatMap((protocol): ServerSetup[] => {
    if (protocol.children[0]?.name !== 'Type') giveUp('Type is not first');
    const type = TYPES[textOf(protocol, 'Type')];
    if (type === undefined) return [];
    const flag = (name: string, absent: boolean): boolean => {
      const [word] = textsOf(protocol, name);
      return word === undefined ? absent : word === 'on' || (word === 'off' ? false : giveUp(`${name} ${word}`));
    };
    if (flag('SPA', true)) giveUp('SPA');
    if (flag('DomainRequired', false) || !flag('AuthRequired', true)) giveUp('another login than name and password');
    const [encryption] = textsOf(protocol, 'Encryption');
    const security = encryption === undefined ? (flag('SSL', true) ? 'by trial' : 'plain') : SECURITY[encryption];
    return [
      {
        type,
        hostname: textOf(protocol, 'Server'),
        port: portOf(textOf(protocol, 'Port')),
        security: security ?? giveUp(`Encryption ${encryption}`),
        login: textsOf(protocol, 'LoginName')[0] ?? user.localPart,
      },
    ];
  });
  const incoming = servers.find(({ type }) => type !== 'smtp') ?? giveUp('no incoming server');
  const outgoing = servers.find(({ type }) => type === 'smtp') ?? giveUp(`no SMTP for ${addressOf(user)}`);
  return { incoming, outgoing };
}
