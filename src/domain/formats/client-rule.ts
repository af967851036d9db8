import { type MailServer, mailRow, type RowReference } from '../mail-domain.ts';
import type { ClientRule, DocumentDomain } from './format.ts';

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
