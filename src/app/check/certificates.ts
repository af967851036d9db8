import { firstOf } from '../../domain/counted.ts';
import type { CertificateSeen } from '../../ports/prober.ts';
import type { Findings } from './finding.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Days before the end at which somebody should look: programs that renew have done it by then. */
const SOON_DAYS = 14;

/** Names of a certificate that are shown: one for many domains has hundreds. */
const MAX_NAMES = 3;
const namesText = (names: readonly string[]): string => firstOf(names, MAX_NAMES) || 'no name';

/** "2026-11-27" */
const dateText = (date: Date): string =>
  Number.isNaN(date.getTime()) ? 'a date that cannot be read' : date.toISOString().slice(0, 10);

/** What is wrong and what to do, by the code of Node's TLS. */
function faultAdvice({ fault = '', names }: CertificateSeen, name: string): string {
  switch (fault) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `The certificate is for ${namesText(names)}: get one that names ${name}.`;
    case 'CERT_HAS_EXPIRED':
      return 'The certificate has expired: renew it, and find out why that did not happen by itself.';
    case 'CERT_NOT_YET_VALID':
      return 'The certificate is not valid yet: look at the clocks of both machines.';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'The intermediate certificate is missing: serve the full chain (fullchain.pem); browsers hide this, mail clients do not. Or its authority is one of your own: name it with --ca.';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_GET_ISSUER_CERT':
      return 'Clients do not know who issued the certificate: get one of a public authority, or name yours with --ca.';
    default:
      return `Clients refuse the certificate (${fault}): get another one for ${name}.`;
  }
}

/** Says what clients think of the certificates that a name showed, one for each address. */
export function checkCertificates(
  findings: Findings,
  owner: string,
  name: string,
  {
    certificates,
    now,
    check,
    severity = 'error',
  }: {
    readonly certificates: readonly CertificateSeen[];
    readonly now: Date;
    readonly check: 'certificate' | 'mail-host' | 'managesieve';
    readonly severity?: 'error' | 'warning';
  },
): void {
  const expected = `a valid certificate for ${name}`;
  const faulty = certificates.find(({ fault }) => fault !== undefined);
  if (faulty !== undefined) {
    const { fault = '', issuer, names, validTo } = faulty;
    const found = `${fault} (for ${namesText(names)}, until ${dateText(validTo)}, issuer ${issuer})`;
    findings.add(check, severity, owner, { expected, found, advice: faultAdvice(faulty, name) });
    return;
  }
  const [first] = [...certificates].sort((a, b) => a.validTo.getTime() - b.validTo.getTime());
  if (first === undefined) return;
  const days = Math.floor((first.validTo.getTime() - now.getTime()) / DAY_MS);
  const found = `issuer ${first.issuer}, ${days} days left, ${first.protocol}`;
  if (days >= SOON_DAYS) findings.ok(check, owner, found);
  else {
    const advice = `The certificate ends on ${dateText(first.validTo)}: renew it, and see why it was not renewed.`;
    findings.add(check, 'warning', owner, { expected: `${expected} for ${SOON_DAYS} days`, found, advice });
  }
}
