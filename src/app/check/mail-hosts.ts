import { effectiveSocketType, type SocketType } from '../../domain/connection-words.ts';
import { commonHost } from '../../domain/host-name.ts';
import type { MailDomain } from '../../domain/mail-domain.ts';
import type { StartTlsProtocol } from '../../ports/prober.ts';
import { refusesTls, speaksNoTls } from './answers.ts';
import { checkCertificates } from './certificates.ts';
import { askMailHost, type CheckContext, ownTrouble } from './context.ts';
import { type Finding, Findings } from './finding.ts';
import { checkAlias, hostText } from './hosts.ts';

/** The finding where TLS was not asked for. */
const LISTENS = 'it listens (its certificate is looked at with --deep)';

/** A server that is looked at. */
interface Listener {
  readonly check: 'mail-host' | 'managesieve';
  /** Where it is configured. */
  readonly place: string;
  readonly hostname: string;
  readonly port: number;
  readonly socketType: Exclude<SocketType, 'auto'>;
  readonly protocol: StartTlsProtocol;
}

function listenersOf({ mailServers, extras: { managesieve } }: MailDomain): readonly Listener[] {
  const rows = mailServers.map((row): Listener => {
    const { hostname, port, type } = row;
    const socketType = effectiveSocketType(row);
    return { check: 'mail-host', place: `A row of type ${type}`, hostname, port, socketType, protocol: type };
  });
  if (managesieve === undefined) return rows;
  const { name, port, socketType } = managesieve;
  const place = 'The extra managesieve';
  return [...rows, { check: 'managesieve', place, hostname: name, port, socketType, protocol: 'sieve' }];
}

/** The mail servers of the rows, and that of filters: their addresses, and TLS as clients will meet it. */
export async function checkMailHosts(context: CheckContext): Promise<readonly Finding[]> {
  const listeners = listenersOf(context.domain.settings);
  const parts = await Promise.all(listeners.map((listener) => checkMailHost(context, listener)));
  return parts.flatMap(({ list }) => list);
}

async function checkMailHost(context: CheckContext, listener: Listener): Promise<Findings> {
  const { deep, domain, now, prober } = context;
  const findings = new Findings();
  const { check, port, socketType, protocol } = listener;
  const name = commonHost(listener.hostname, domain.name);
  if (name === undefined) {
    const advice = 'Its name differs by user, or is no full host name: look at it by hand.';
    findings.add(check, 'note', listener.hostname, { found: 'not asked', advice });
    return findings;
  }
  const owner = `${name}:${port}`;
  const site = await askMailHost(context, name, (address) => {
    const peer = { address, port, name };
    if (socketType === 'SSL') return prober.tls(peer);
    return socketType === 'STARTTLS' && deep ? prober.startTls(peer, protocol) : prober.connect(peer);
  });
  const { host, answers } = site;
  if (host.addresses.state === 'unknown') findings.unknown(check, owner, host.addresses.reason);
  if (host.addresses.state === 'absent') {
    checkAlias(findings, name, host);
    const advice = `${listener.place} names ${name}, which has no address: create one, or correct the settings.`;
    findings.add(check, 'error', owner, { expected: 'an address', found: hostText(host), advice });
  }
  const certificates = answers.flatMap(({ answer }) => ('certificate' in answer ? [answer.certificate] : []));
  for (const { address, answer } of answers) {
    const trouble = ownTrouble(answer);
    if (trouble !== undefined) findings.unknown(check, owner, trouble);
    else if (answer.state === 'unreachable') {
      const expected = socketType === 'SSL' ? 'TLS' : socketType === 'STARTTLS' && deep ? 'STARTTLS' : 'a connection';
      const advice = troubleAdvice(answer.code, owner);
      findings.add(check, 'warning', owner, { expected, found: `${answer.code} at ${address}`, advice });
    }
  }
  if (certificates.length > 0) {
    checkCertificates(findings, owner, name, { certificates, now, check });
  } else if (answers.length > 0 && findings.list.length === 0)
    findings.ok(check, owner, deep || socketType !== 'STARTTLS' ? 'it listens' : LISTENS);
  return findings;
}

function troubleAdvice(code: string, owner: string): string {
  if (speaksNoTls(code)) return `${owner} speaks no TLS: turn it on, or correct socket_type and port of the row.`;
  if (refusesTls(code)) return `${owner} refuses TLS (${code}): see which versions and certificates it has.`;
  switch (code) {
    case 'ENOSTARTTLS':
      return `${owner} does not offer STARTTLS: turn it on, or correct socket_type of the row.`;
    case 'ENOGREETING':
      return `${owner} refuses this machine, or speaks another protocol: ask from another one, or correct the port of the row.`;
    case 'ECONNRESET':
      return `${owner} ends the connection: its log may say why.`;
    default:
      return `${owner} is not reachable from here (${code}): start the server and open the port, or correct the row; where a network blocks ports of mail, ask from another one.`;
  }
}
