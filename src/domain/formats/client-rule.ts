import { type MailServer, mailRow, type RowReference, waysToLogIn } from '../mail-domain.ts';
import type { ClientRule, DocumentDomain } from './format.ts';

/** What a rule says of the rows that break it: undefined where none does. */
export const rowsAtFault = (rows: readonly RowReference[]): readonly RowReference[] | undefined =>
  rows.length === 0 ? undefined : rows;

/** A rule about what must be there, broken as a whole. */
export const missing =
  (isMissing: (types: readonly MailServer['type'][]) => boolean): ClientRule['broken'] =>
  ({ settings }) =>
    isMissing(settings.mailServers.map(({ type }) => type)) ? [] : undefined;

/** A rule that each mail server can break. */
export const eachMailServer =
  (isBroken: (server: MailServer, domain: DocumentDomain) => boolean): ClientRule['broken'] =>
  (domain) =>
    rowsAtFault(domain.settings.mailServers.filter((server) => isBroken(server, domain)).map(mailRow));

/** A rule that counts the servers that a format cannot name: those of a kind, incoming or outgoing, of which it can name none. */
export const kindsWithout =
  (canName: (server: MailServer) => boolean): ClientRule['broken'] =>
  ({ settings: { mailServers } }) => {
    const kinds = [false, true].map((isSmtp) => mailServers.filter(({ type }) => (type === 'smtp') === isSmtp));
    return rowsAtFault(kinds.flatMap((servers) => (servers.some(canName) ? [] : servers.map(mailRow))));
  };

/** Whether OAuth2 is the only way to log in. */
export const takesOnlyOAuth2 = (server: MailServer): boolean => waysToLogIn(server).every((way) => way === 'OAuth2');
