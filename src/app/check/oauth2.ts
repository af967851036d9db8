import type { OAuth2 } from '../../domain/extras.ts';
import type { HttpAnswer } from '../../ports/prober.ts';
import type { CheckContext } from './context.ts';
import type { Findings, Severity } from './finding.ts';
import { askUrl } from './site.ts';

/** Where an issuer says how it is used: the well-known path stands before its own (RFC 8414 section 3.1). */
export function metadataUrl(issuer: string): URL {
  const url = new URL(issuer);
  url.pathname = `/.well-known/oauth-authorization-server${url.pathname.replace(/\/$/, '')}`;
  return url;
}

type Metadata = Readonly<Record<string, unknown>>;

/** Undefined: it is no object of JSON. */
function readMetadata(answer: HttpAnswer | undefined): Metadata | undefined {
  if (answer?.state !== 'answered' || answer.status !== 200) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(answer.body));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Metadata) : undefined;
  } catch {
    return undefined;
  }
}

interface Fault {
  readonly severity: Severity;
  readonly expected: string;
  readonly found: string;
  readonly advice: string;
}

const shown = (value: unknown): string => (value === undefined ? 'none' : (JSON.stringify(value) ?? 'none'));

/** What clients of draft-ietf-mailmaint-oauth-public cannot use in the metadata of an issuer, or find contradicted by it. */
export function metadataFaults(metadata: Metadata, oauth2: OAuth2): readonly Fault[] {
  const faults: Fault[] = [];
  const { issuer, code_challenge_methods_supported: methods, registration_endpoint: registration } = metadata;
  if (issuer !== oauth2.issuer) {
    const advice =
      'Clients refuse an issuer that calls itself otherwise (RFC 8414 section 3.3): set issuer of oauth2 to exactly that, or correct the server.';
    faults.push({
      severity: 'error',
      expected: `issuer ${shown(oauth2.issuer)}`,
      found: `issuer ${shown(issuer)}`,
      advice,
    });
  }
  if (!Array.isArray(methods) || !methods.includes('S256')) {
    const advice = 'Clients for mail use PKCE with S256 (RFC 7636): turn it on at the issuer.';
    const found = `code_challenge_methods_supported ${shown(methods)}`;
    faults.push({ severity: 'warning', expected: 'code_challenge_methods_supported with S256', found, advice });
  }
  if (typeof registration !== 'string' && oauth2.clientID === undefined) {
    const advice =
      'Only clients that the issuer knows already can log in: turn dynamic registration on (RFC 7591), or set clientID of oauth2.';
    const expected = 'registration_endpoint, or clientID';
    faults.push({ severity: 'warning', expected, found: `registration_endpoint ${shown(registration)}`, advice });
  }
  for (const [member, name] of [
    ['authURL', 'authorization_endpoint'],
    ['tokenURL', 'token_endpoint'],
  ] as const) {
    const [expected, found] = [oauth2[member], metadata[name]];
    if (expected === undefined || expected === found) continue;
    const advice = `Clients of Autoconfig use ${member} of oauth2, others what the issuer says: correct one of them.`;
    faults.push({
      severity: 'warning',
      expected: `${name} ${shown(expected)}`,
      found: `${name} ${shown(found)}`,
      advice,
    });
  }
  return faults;
}

/** The issuer of OAuth2, where the domain has one: what it says of itself (RFC 8414), and what the settings say. */
export async function checkOAuth2(findings: Findings, context: CheckContext): Promise<void> {
  const { oauth2 } = context.domain.settings.extras;
  if (oauth2 === undefined) return;
  const url = metadataUrl(oauth2.issuer);
  const came = await askUrl(findings, context, 'oauth2', url);
  if (came === undefined) return;
  const metadata = readMetadata(came.answer);
  if (metadata === undefined) {
    // Clients that know both URLs and an id do not ask.
    const isNeeded = [oauth2.authURL, oauth2.tokenURL, oauth2.clientID].includes(undefined);
    const expected = 'the metadata of the issuer (JSON)';
    const advice =
      'Clients ask here how to log in (RFC 8414): let the issuer answer with its metadata, or correct issuer of oauth2.';
    findings.add('oauth2', isNeeded ? 'error' : 'warning', url.href, { expected, found: came.found, advice });
    return;
  }
  const faults = metadataFaults(metadata, oauth2);
  for (const { severity, ...texts } of faults) findings.add('oauth2', severity, url.href, texts);
  if (faults.length === 0) findings.ok('oauth2', url.href, 'the metadata of the issuer');
}
