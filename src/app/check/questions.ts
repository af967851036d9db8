import { AUTODISCOVER_PATH } from '../../adapters/http/formats/autodiscover.ts';
import { addressText } from '../../domain/email-address.ts';
import { Failure } from '../../domain/failure.ts';
import { AUTOCONFIG } from '../../domain/formats/autoconfig.ts';
import { AUTODISCOVER } from '../../domain/formats/autodiscover.ts';
import { MOBILECONFIG } from '../../domain/formats/mobileconfig.ts';
import type { HttpQuestion } from '../../ports/prober.ts';
import type { Expectation } from './answers.ts';
import type { CheckContext } from './context.ts';

const AUTOCONFIG_SIGN = /<clientConfig\b/;

/** What clients get that send no address: their domain is the one that Host names. */
export const byHostExpectation = ({ domain }: CheckContext): Expectation => ({
  octets: domain.shared(AUTOCONFIG).text,
  sign: AUTOCONFIG_SIGN,
});

/** Where clients of Autoconfig ask, and where the profile is. */
export const AUTOCONFIG_PATH = '/mail/config-v1.1.xml';
export const PROFILE_PATH = '/mobileconfig/';

/** The parameter by which clients say who they ask for. */
export const query = ({ user }: CheckContext): string =>
  `emailaddress=${encodeURIComponent(addressText(user.address))}`;

export const get = (path: string, scheme: HttpQuestion['scheme'] = 'https'): HttpQuestion => ({
  scheme,
  method: 'GET',
  path,
});

/** What Outlook posts ([MS-OXDSCLI] section 2.2.3.1). Domain names need no escaping. */
export const autodiscoverQuestion = ({ user }: CheckContext): HttpQuestion => ({
  scheme: 'https',
  method: 'POST',
  path: AUTODISCOVER_PATH,
  contentType: 'text/xml; charset=utf-8',
  body:
    '<?xml version="1.0" encoding="utf-8"?>\n' +
    '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request>' +
    `<EMailAddress>${addressText(user.address)}</EMailAddress>` +
    '<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a' +
    '</AcceptableResponseSchema></Request></Autodiscover>',
});

export const autoconfigExpectation = ({ domain, user }: CheckContext): Expectation => ({
  octets: domain.differsByAddress ? user.document(AUTOCONFIG) : domain.shared(AUTOCONFIG).text,
  sign: AUTOCONFIG_SIGN,
});

export const autodiscoverExpectation = ({ user }: CheckContext): Expectation => ({
  octets: user.document(AUTODISCOVER),
  // Clients go on where they get an error.
  sign: /<(?:Account|RedirectAddr|RedirectUrl)\b/i,
  refusal: /<ErrorCode>(\d+)<\/ErrorCode>/,
});

/** Undefined: no profile can be made of the settings, which `automx2 lint` reports. */
export function profileExpectation({ user }: CheckContext): Expectation | undefined {
  try {
    return { octets: user.document(MOBILECONFIG), sign: /<plist\b/, maybeSigned: true };
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
