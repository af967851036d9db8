import { addressText } from '../email-address.ts';
import { Failure } from '../failure.ts';
import { extraRow } from '../mail-domain.ts';
import { writeResponse } from './autodiscover.ts';
import { rowsAtFault } from './client-rule.ts';
import type { ClientRule, DocumentDomain, DocumentUser, Format } from './format.ts';
import { element, escapeText, type XmlElement } from './xml.ts';

const SCHEMA = 'http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006';

/** Language and region, in the form of Exchange; clients do not go by it. */
const CULTURE = 'en:us';

/** Where a domain has ActiveSync. Undefined: nowhere, or at another domain. */
export function activeSyncUrl({ settings: { extras } }: DocumentDomain): string | undefined {
  const { activesync } = extras;
  return activesync !== undefined && 'url' in activesync ? activesync.url : undefined;
}

/** The domain at which the users of this one have ActiveSync. */
function activeSyncRedirect({ settings: { extras } }: DocumentDomain): string | undefined {
  const { activesync } = extras;
  return activesync !== undefined && 'redirect' in activesync ? activesync.redirect : undefined;
}

/** The path of ActiveSync ([MS-ASHTTP], "Request URI"), in any letter case, as web servers that have it compare it. */
const IMPLIED_PATH = /^\/Microsoft-Server-ActiveSync\/?$/i;

/** The host of the URL, for clients that take a host only and imply port and path. Undefined: the URL has others. */
export function activeSyncHost(url: string): string | undefined {
  const { hostname, port, pathname, search, hash } = new URL(url);
  return port === '' && IMPLIED_PATH.test(pathname) && search === '' && hash === '' ? hostname : undefined;
}

function action({ domain, address }: DocumentUser): XmlElement {
  const redirect = activeSyncRedirect(domain);
  if (redirect !== undefined) return element('Redirect', `${address.localPart}@${redirect}`);
  const url = activeSyncUrl(domain);
  if (url === undefined) throw new Failure('protocol_unconfigured', `${domain.name}: ActiveSync is not configured`);
  return element('Settings', [
    element('Server', [element('Type', 'MobileSync'), element('Url', url), element('Name', url)]),
  ]);
}

const brokenIf =
  (isBroken: (redirect: string, domain: DocumentDomain) => boolean): ClientRule['broken'] =>
  (domain) => {
    const redirect = activeSyncRedirect(domain);
    return rowsAtFault(redirect !== undefined && isBroken(redirect, domain) ? [extraRow('activesync')] : []);
  };

/**
 * Where Exchange ActiveSync is, or the address with which to ask again ([MS-ASCMD], "Autodiscover"). Throws
 * protocol_unconfigured for a domain without.
 */
export const ACTIVESYNC: Format = {
  name: 'activesync',
  scope: 'user',
  contentType: 'text/xml; charset=utf-8',
  escapeText,
  isOffered: (domain) => domain.settings.extras.activesync !== undefined,
  write(user) {
    const text = addressText(user.address);
    return writeResponse(SCHEMA, [
      element('Culture', CULTURE),
      element('User', [element('DisplayName', user.displayName ?? text), element('EMailAddress', text)]),
      element('Action', [action(user)]),
    ]);
  },
  rules: [
    {
      // Autodiscover V2 answers with a URL; it has nothing for an address.
      clients: 'Outlook for iPhone and Android, and whoever asks for ActiveSync in JSON',
      reason: 'they get 404, because only the XML answer of Autodiscover can redirect to another domain',
      remedy: 'set url of activesync to the URL at which that domain has it, in place of redirect',
      broken: brokenIf((redirect, { name }) => redirect !== name),
    },
    {
      clients: 'phones with ActiveSync',
      reason: 'they are redirected to the domain that they come from, and ask again without end',
      remedy: 'set redirect of activesync to another domain, or set url instead',
      broken: brokenIf((redirect, { name }) => redirect === name),
    },
  ],
};
