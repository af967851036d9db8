import type { CheckContext } from './context.ts';
import { Findings } from './finding.ts';

/** What authorities call themselves in certificates, and in CAA records (their certification practice statements). */
const AUTHORITIES: readonly (readonly [issuer: RegExp, names: readonly string[]])[] = [
  [/^let's encrypt$/i, ['letsencrypt.org']],
  [/^zerossl$/i, ['sectigo.com', 'zerossl.com']],
  [/^(?:sectigo|comodo)\b/i, ['sectigo.com', 'comodoca.com', 'comodo.com', 'usertrust.com']],
  [/^google trust services/i, ['pki.goog']],
  [/^digicert/i, ['digicert.com', 'symantec.com', 'geotrust.com', 'rapidssl.com', 'thawte.com']],
  [/^globalsign/i, ['globalsign.com']],
  [/^amazon/i, ['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com']],
  [/^buypass/i, ['buypass.com', 'buypass.no']],
];

/** The records that count for a name: its own, or those of the nearest parent that has some (RFC 8659 section 3). */
async function relevant({ dns }: CheckContext, name: string): Promise<readonly string[] | string | undefined> {
  for (let owner = name; owner.includes('.'); owner = owner.slice(owner.indexOf('.') + 1)) {
    const answer = await dns.caa(owner);
    if (answer.state === 'unknown') return answer.reason;
    if (answer.state === 'found') return answer.records;
  }
  return undefined;
}

/** Whether the authority that issued the certificate of a name may do so again. `issuer` undefined: no certificate was seen. */
export async function checkCaa(context: CheckContext, name: string, issuer: string | undefined): Promise<Findings> {
  const findings = new Findings();
  const allowed = await relevant(context, name);
  if (typeof allowed === 'string') findings.unknown('caa', name, allowed);
  else if (allowed === undefined) findings.ok('caa', name, 'no record, so every authority may issue');
  else {
    // RFC 8659 section 3: without the property issue, they restrict nobody.
    if (allowed.length === 0) {
      findings.ok('caa', name, 'records, none of which is about authorities');
      return findings;
    }
    const found = `issue ${allowed.map((each) => each || '";"').join(', ')}`;
    const [, names = []] = AUTHORITIES.find(([pattern]) => pattern.test(issuer ?? '')) ?? [];
    const mayIssue = allowed.some((each) => names.includes((each.split(';')[0] ?? '').trim().toLowerCase()));
    if (names.length === 0)
      findings.ok('caa', name, `${found}; not compared, as ${issuer ?? 'the authority'} is not known here`);
    else if (mayIssue) findings.ok('caa', name, found);
    else {
      const advice = `The certificate is of ${issuer}, which these records do not allow: its renewal fails until one names ${names[0]}.`;
      findings.add('caa', 'note', name, { expected: `issue ${names[0]}`, found, advice });
    }
  }
  return findings;
}
