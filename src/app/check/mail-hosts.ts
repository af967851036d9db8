import { effectiveSocketType } from '../../domain/connection-words.ts';
import { commonHost } from '../../domain/host-name.ts';
import type { MailServer } from '../../domain/mail-domain.ts';
import { refusesTls, speaksNoTls } from './answers.ts';
import { checkCertificates } from './certificates.ts';
import { askMailHost, type CheckContext, ownTrouble } from './context.ts';
import { type Finding, Findings } from './finding.ts';
import { checkAlias, hostText } from './hosts.ts';

/** The finding where TLS was not asked for. */
const LISTENS = 'it listens (its certificate is looked at with --deep)';

/** The mail servers of the rows: their addresses, and TLS as clients will meet it. */
export async function checkMailHosts(context: CheckContext): Promise<readonly Finding[]> {
  const parts = await Promise.all(context.domain.settings.mailServers.map((row) => checkMailHost(context, row)));
  return parts.flatMap(({ list }) => list);
}

async function checkMailHost(context: CheckContext, row: MailServer): Promise<Findings> {
  const { deep, domain, now, prober } = context;
  const findings = new Findings();
  const name = commonHost(row.hostname, domain.name);
  if (name === undefined) {
    const advice = 'Its name differs by user, or is no full host name: look at it by hand.';
    findings.add('mail-host', 'note', row.hostname, { found: 'not asked', advice });
    return findings;
  }
  const { port } = row;
  const owner = `${name}:${port}`;
  const socketType = effectiveSocketType(row);
  const site = await askMailHost(context, name, (address) => {
    const peer = { address, port, name };
    if (socketType === 'SSL') return prober.tls(peer);
    return socketType === 'STARTTLS' && deep ? prober.startTls(peer, row.type) : prober.connect(peer);
  });
  const { host, answers } = site;
  if (host.addresses.state === 'unknown') findings.unknown('mail-host', owner, host.addresses.reason);
  if (host.addresses.state === 'absent') {
    checkAlias(findings, name, host);
    const advice = `A row of type ${row.type} names ${name}, which has no address: create one, or correct the row.`;
    findings.add('mail-host', 'error', owner, { expected: 'an address', found: hostText(host), advice });
  }
  const certificates = answers.flatMap(({ answer }) => ('certificate' in answer ? [answer.certificate] : []));
  for (const { address, answer } of answers) {
    const trouble = ownTrouble(answer);
    if (trouble !== undefined) findings.unknown('mail-host', owner, trouble);
    else if (answer.state === 'unreachable') {
      const expected = socketType === 'SSL' ? 'TLS' : socketType === 'STARTTLS' && deep ? 'STARTTLS' : 'a connection';
      const advice = troubleAdvice(answer.code, owner);
      findings.add('mail-host', 'warning', owner, { expected, found: `${answer.code} at ${address}`, advice });
    }
  }
  if (certificates.length > 0) {
    checkCertificates(findings, owner, name, { certificates, now, check: 'mail-host' });
  } else if (answers.length > 0 && findings.list.length === 0)
    findings.ok('mail-host', owner, deep || socketType !== 'STARTTLS' ? 'it listens' : LISTENS);
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
