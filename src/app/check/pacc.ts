import { PACC_PATH } from '../../adapters/http/formats/pacc.ts';
import { publishedRecords } from '../../domain/dns/published-records.ts';
import { PACC, paccDigest } from '../../domain/formats/pacc.ts';
import { readPaccDigest } from '../../domain/formats/pacc-digest.ts';
import { PACC_LABEL } from '../../domain/service-names.ts';
import type { DnsAnswer } from '../../ports/resolver.ts';
import { zoneRecord } from '../dns-report.ts';
import { type Fetched, fetchDocument, outcomeAdvice, outcomeText } from './answers.ts';
import { checkCertificates } from './certificates.ts';
import type { CheckContext } from './context.ts';
import { Findings } from './finding.ts';
import { checkRedirects, checkSilent } from './judgements.ts';
import { get } from './questions.ts';

/** The least that its clients accept. */
const PACC_TLS = 'TLSv1.3';

export interface PaccOutcome {
  readonly findings: Findings;
  /** works: clients of PACC set themselves up; unpublished: they find nothing, and go on with other ways; none: no document. */
  readonly state: 'works' | 'broken' | 'unpublished' | 'none' | 'unknown';
}

/** The host, the digest and the document of PACC. */
export async function checkPacc(context: CheckContext): Promise<PaccOutcome> {
  const { dns, domain, now } = context;
  const findings = new Findings();
  const [owner, host] = [`_${PACC_LABEL}.${domain.name}`, `${PACC_LABEL}.${domain.name}`];
  const record = paccDigest(domain);
  const [text, address] = await Promise.all([dns.txt(owner), dns.host(host)]);
  const digests = (text.state === 'found' ? text.records : []).map(readPaccDigest).filter((each) => each !== undefined);
  const hasHost = address.addresses.state === 'found';
  if (text.state === 'unknown') findings.unknown('pacc', owner, text.reason);
  if (text.state === 'unknown' || address.addresses.state === 'unknown') return { findings, state: 'unknown' };
  if (record === undefined) {
    if (digests.length === 0) findings.ok('pacc', owner, 'no record, and no document');
    else {
      const advice = `No document can be made of the settings (automx2 lint says why): remove the record.`;
      findings.add('pacc', 'warning', owner, { expected: 'no record', found: digests.join(', '), advice });
    }
    return { findings, state: 'none' };
  }
  if (digests.length === 0 && !hasHost) {
    const advice = `Optional: clients of PACC would find the settings with ${host} and this record.`;
    findings.add('pacc', 'note', owner, { expected: record, found: 'no record', advice });
    return { findings, state: 'unpublished' };
  }
  const document = PACC.writeForDomain(domain);
  const fetched = await fetchDocument(context, host, get(PACC_PATH), { octets: document, sign: /"protocols"/ });
  const isRight = [checkDigest(findings, owner, record, text), checkDocument(findings, context, fetched)];
  checkCertificates(findings, host, host, { certificates: fetched.certificates, now, check: 'certificate' });
  for (const { protocol } of fetched.certificates.slice(0, 1)) {
    if (protocol === PACC_TLS) findings.ok('pacc-tls', host, protocol);
    else {
      const advice = `PACC requires TLS 1.3: let the proxy offer it for ${host}.`;
      findings.add('pacc-tls', 'warning', host, { expected: PACC_TLS, found: protocol, advice });
    }
  }
  const isSecure = fetched.certificates.every(({ protocol }) => protocol === PACC_TLS);
  const isUnknown = fetched.outcome.kind === 'unknown';
  return { findings, state: isSecure && isRight.every(Boolean) ? 'works' : isUnknown ? 'unknown' : 'broken' };
}

function checkDigest(findings: Findings, owner: string, record: string, digests: DnsAnswer<string>): boolean {
  const records = digests.state === 'found' ? digests.records : [];
  const fits = records.some((text) => readPaccDigest(text) === readPaccDigest(record));
  const found = records.join(', ') || 'no record';
  if (!fits) {
    const keep = records.length === 0 ? '' : ', and keep the old one until its TTL is over';
    const advice = `Clients of PACC discard the document: publish ${owner}. IN TXT "${record}"${keep}.`;
    findings.add('pacc', records.length === 0 ? 'warning' : 'error', owner, { expected: record, found, advice });
  } else if (records.length > 1) {
    const advice = 'Remove the old records once their TTL is over.';
    findings.add('pacc', 'note', owner, { expected: record, found, advice });
  } else findings.ok('pacc', owner, found);
  return fits;
}

function checkDocument(findings: Findings, { domain, service }: CheckContext, fetched: Fetched): boolean {
  const { name, url, outcome, hops } = fetched;
  if (outcome.kind === 'unknown') {
    findings.unknown('pacc', url, outcome.reason);
    return false;
  }
  if (outcome.kind === 'ours') findings.ok('pacc', url, outcomeText(outcome));
  else {
    const expected = 'the document that automx2 lookup prints';
    const isMissing = outcome.kind === 'no address';
    const record = isMissing ? zoneRecord(publishedRecords(domain, service), name) : undefined;
    const advice = outcomeAdvice(outcome, name, service) + (record === undefined ? '' : ` Add ${record} to the zone.`);
    findings.add('pacc', isMissing ? 'warning' : 'error', url, { expected, found: outcomeText(outcome), advice });
  }
  checkSilent(findings, 'pacc', fetched);
  checkRedirects(findings, fetched);
  return outcome.kind === 'ours' && hops.length === 0;
}
