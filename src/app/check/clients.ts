import type { Outcome } from './answers.ts';
import { outcomeText } from './answers.ts';
import type { Finding } from './finding.ts';
import type { MxOutcome } from './mx.ts';
import type { PaccOutcome } from './pacc.ts';
import { PROFILE_PATH } from './questions.ts';
import type { WebOutcome } from './web.ts';

/** How one client will do: works; asks: its user has to confirm something; fails; unknown: could not be determined. */
export interface ClientOutcome {
  readonly client: string;
  readonly outcome: 'works' | 'asks' | 'fails' | 'unknown';
  readonly text: string;
}

export interface Seen {
  readonly name: string;
  readonly web: WebOutcome;
  readonly mx: MxOutcome;
  readonly pacc: PaccOutcome;
  readonly findings: readonly Finding[];
  readonly hasDav: boolean;
  readonly hasJmap: boolean;
}

type Result = Pick<ClientOutcome, 'outcome' | 'text'>;
const NOT_KNOWN: Result = { outcome: 'unknown', text: 'could not be determined' };

/** A place where a client asks, and what it gets there. */
interface Place {
  readonly place: string;
  readonly outcome: Outcome | undefined;
  /** The client asks its user before it goes there. */
  readonly asks?: boolean;
}

/** What a client takes that asks one place after the other: the first that has settings. Undefined: none has. */
function settingsFrom(places: readonly Place[]): Result | undefined {
  for (const { place, outcome, asks = false } of places) {
    if (outcome?.kind === 'ours') {
      return { outcome: asks ? 'asks' : 'works', text: `works by ${place}${asks ? ', will ask once' : ''}` };
    }
    if (outcome?.kind === 'other') return { outcome: 'fails', text: `takes other settings from ${place}` };
    // What comes after it does not tell what the client will do.
    if (outcome?.kind === 'unknown') return NOT_KNOWN;
  }
  return undefined;
}

/** What the operator wants to know in the end. */
export const clientOutcomes = (seen: Seen): readonly ClientOutcome[] => [
  { client: 'Thunderbird', ...thunderbird(seen) },
  { client: 'Thunderbird for Android, KMail', ...byHost(seen) },
  { client: 'Outlook', ...outlook(seen) },
  { client: 'iPhone', ...iPhone(seen) },
  { client: 'FairEmail', ...fairEmail(seen) },
  { client: 'Evolution, Himalaya (PACC)', ...paccClients(seen) },
  ...(seen.hasJmap
    ? [
        { client: 'aerc (JMAP)', ...aerc(seen) },
        { client: 'Himalaya (JMAP)', ...himalaya(seen) },
      ]
    : []),
  ...(seen.hasDav ? [{ client: 'Calendars and contacts', ...davClients(seen) }] : []),
  ...brokenMailHosts(seen),
];

/** The places of Autoconfig. */
const autoconfigPlaces = ({ name, web, mx }: Seen): readonly Place[] => [
  { place: `autoconfig.${name}`, outcome: web.autoconfig },
  { place: `${name}/.well-known/autoconfig`, outcome: web.autoconfigSite },
  { place: `${mx.path?.host}, which it derives from the MX`, outcome: mx.path?.outcome },
];

function thunderbird(seen: Seen): Result {
  const { name, web } = seen;
  const last = { place: `autodiscover.${name} (Autodiscover)`, outcome: web.autodiscover };
  return settingsFrom([...autoconfigPlaces(seen), last]) ?? nothing(`autoconfig.${name}`, web.autoconfig);
}

const nothing = (place: string, outcome: Outcome): Result => ({
  outcome: 'fails',
  text: `finds no settings (${place}: ${outcomeText(outcome)})`,
});

/** They send no address. */
function byHost({ name, web: { autoconfigByHost } }: Seen): Result {
  const place = `autoconfig.${name}`;
  return settingsFrom([{ place, outcome: autoconfigByHost }]) ?? nothing(place, autoconfigByHost);
}

/** [MS-OXDISCO] section 3.1.5: the domain itself, autodiscover.DOMAIN, plain http, SRV. */
function outlook({ name, web }: Seen): Result {
  const { autodiscoverSite, autodiscover, autodiscoverHttp: http, autodiscoverSrv: srv } = web;
  const places = [
    { place: name, outcome: autodiscoverSite },
    { place: `autodiscover.${name}`, outcome: autodiscover },
    { place: `a redirect to ${http?.target}`, outcome: http?.outcome, asks: true },
    { place: `SRV (${srv?.target})`, outcome: srv?.outcome, asks: true },
  ];
  return settingsFrom(places) ?? nothing(`autodiscover.${name}`, autodiscover);
}

function iPhone({ name, web: { profile } }: Seen): Result {
  if (profile === undefined) return { outcome: 'fails', text: 'no profile can be made of the settings' };
  switch (profile.kind) {
    case 'ours':
      return {
        outcome: 'asks',
        text: `profile at https://autoconfig.${name}${PROFILE_PATH}, ${profile.isSigned ? 'signed' : 'unsigned'}`,
      };
    case 'other':
      return { outcome: 'fails', text: 'gets a profile with other settings' };
    case 'unknown':
      return NOT_KNOWN;
    default:
      return { outcome: 'fails', text: `gets no profile (autoconfig.${name}: ${outcomeText(profile)})` };
  }
}

/** It prefers SRV to everything else, and then logs in with the whole address. */
function fairEmail(seen: Seen): Result {
  const ofMail = seen.findings.filter(({ check, owner }) => {
    return (check === 'srv' || check === 'srv-unused') && /^_(?:imap|submission)s?\._tcp/.test(owner);
  });
  const wrong = ofMail.find(
    ({ check, severity }) => severity === 'error' || (check === 'srv-unused' && severity === 'note'),
  );
  if (wrong !== undefined) return { outcome: 'fails', text: `would take ${wrong.found} from SRV` };
  if (ofMail.some(({ severity }) => severity === 'unknown')) return NOT_KNOWN;
  // One without the other is no account.
  const ways = [/^_(?:imap|pop3)s?\./, /^_submissions?\./];
  const right = seen.findings.filter(({ check, severity }) => check === 'srv' && severity === 'ok');
  if (ways.every((way) => right.some(({ owner }) => way.test(owner))))
    return { outcome: 'works', text: 'works by SRV' };
  return settingsFrom(autoconfigPlaces(seen)) ?? nothing(`autoconfig.${seen.name}`, seen.web.autoconfig);
}

function paccClients({ pacc: { state } }: Seen): Result {
  switch (state) {
    case 'works':
      return { outcome: 'works', text: 'works by PACC' };
    case 'broken':
      return { outcome: 'fails', text: 'cannot use PACC here, and goes on with other ways' };
    case 'unknown':
      return NOT_KNOWN;
    default:
      return { outcome: 'works', text: 'no PACC here, goes on with other ways' };
  }
}

const NO_JMAP: Result = { outcome: 'works', text: 'finds no JMAP, goes on with other ways' };

/** It looks for JMAP by SRV only. */
function aerc({ findings }: Seen): Result {
  const srv = findings.find(({ check, owner }) => check === 'srv' && owner.startsWith('_jmap._tcp.'));
  if (srv?.severity === 'unknown') return NOT_KNOWN;
  if (srv?.severity === 'error') return { outcome: 'fails', text: `would take ${srv.found} from SRV` };
  if (srv?.severity !== 'ok') return NO_JMAP;
  const session = findings.find(({ check }) => check === 'jmap');
  if (session?.severity === 'unknown') return NOT_KNOWN;
  if (session?.severity === 'ok') return { outcome: 'works', text: 'works by SRV' };
  return { outcome: 'fails', text: `finds no session where SRV leads (${session?.found})` };
}

/** It asks the domain's own host, and PACC. */
function himalaya(seen: Seen): Result {
  const own = seen.findings.find(({ check, owner }) => {
    return (check === 'jmap' || check === 'well-known-jmap') && owner.startsWith(`https://${seen.name}/`);
  });
  if (own?.severity === 'ok') return { outcome: 'works', text: "works by the domain's own host" };
  if (seen.pacc.state === 'works') return paccClients(seen);
  return own?.severity === 'unknown' || seen.pacc.state === 'unknown' ? NOT_KNOWN : NO_JMAP;
}

function davClients({ findings, web }: Seen): Result {
  const srv = findings.filter(({ check, owner }) => check === 'srv' && /^_(?:caldav|carddav)s\._tcp/.test(owner));
  if (srv.length > 0 && srv.every(({ severity }) => severity === 'ok')) {
    return { outcome: 'works', text: 'found by SRV' };
  }
  if (srv.some(({ severity }) => severity === 'error')) {
    return { outcome: 'fails', text: 'would be looked for at another server, which SRV names' };
  }
  if (web.davRedirects.length > 0) return { outcome: 'works', text: "found by the domain's own host" };
  if (srv.some(({ severity }) => severity === 'unknown')) return NOT_KNOWN;
  return { outcome: 'asks', text: 'not found: users type the address of the server' };
}

/** Settings do not help if the mail servers do not answer. */
function brokenMailHosts({ findings }: Seen): readonly ClientOutcome[] {
  const broken = findings.filter(
    ({ check, severity }) => check === 'mail-host' && (severity === 'error' || severity === 'warning'),
  );
  if (broken.length === 0) return [];
  const text = `cannot use ${[...new Set(broken.map(({ owner }) => owner))].join(', ')}`;
  return [{ client: 'All of them', outcome: 'fails', text }];
}
