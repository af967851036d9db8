import type { MailServer, RowReference } from '../mail-domain.ts';
import type { DocumentDomain } from './format.ts';

/** What some clients cannot use in the settings of a domain. Findings with equal words are the same mistake. */
export interface Finding {
  readonly clients: string;
  readonly reason: string;
  /** What to change, and where. */
  readonly remedy: string;
  /** The rows at fault; none where something is missing. */
  readonly rows: readonly RowReference[];
}

/** Something that a client cannot cope with, as seen in its source code or on the wire. */
export interface ClientRule extends Omit<Finding, 'rows'> {
  /** The rows at fault; undefined: the domain keeps the rule. */
  readonly broken: (domain: DocumentDomain) => readonly RowReference[] | undefined;
}

export const mailRow = ({ id }: MailServer): RowReference => ({ table: 'server', id });

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
