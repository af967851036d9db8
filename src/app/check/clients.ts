import type { Outcome } from './answers.ts';
import { outcomeText } from './answers.ts';
import type { Finding } from './finding.ts';
import type { MxOutcome } from './mx.ts';
import type { PaccOutcome } from './pacc.ts';
import type { WebOutcome } from './web.ts';

/** How one client will do: works; asks: its user has to confirm something; fails; unknown: could not be found out. */
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
}

const isOurs = (outcome: Outcome | undefined): boolean => outcome?.kind === 'ours';
const isUnknown = (outcome: Outcome | undefined): boolean => outcome?.kind === 'unknown';

/** What the operator wants to know in the end. */
export const clientOutcomes = (seen: Seen): readonly ClientOutcome[] => [
  thunderbird(seen),
  outlook(seen),
  iPhone(seen),
  fairEmail(seen),
  paccClients(seen),
  ...(seen.hasDav ? [davClients(seen)] : []),
];

/** Where a client of Autoconfig takes its settings from: the first place that has some; undefined: nowhere. */
function byAutoconfig({ name, web, mx }: Seen): Pick<ClientOutcome, 'outcome' | 'text'> | undefined {
  const places = [
    { place: `autoconfig.${name}`, outcome: web.autoconfig },
    { place: `${name}/.well-known/autoconfig`, outcome: web.autoconfigSite },
    { place: `${mx.path?.host}, which it derives from the MX`, outcome: mx.path?.outcome },
  ];
  const first = places.find(({ outcome }) => isOurs(outcome) || outcome?.kind === 'other');
  if (first === undefined) return undefined;
  return isOurs(first.outcome)
    ? { outcome: 'works', text: `works by ${first.place}` }
    : { outcome: 'fails', text: `takes other settings from ${first.place}` };
}

function thunderbird(seen: Seen): ClientOutcome {
  const { name, web } = seen;
  const client = 'Thunderbird';
  const taken = byAutoconfig(seen);
  if (taken !== undefined) return { client, ...taken };
  if (isOurs(web.autodiscover))
    return { client, outcome: 'works', text: `works by autodiscover.${name} (Autodiscover)` };
  if (isUnknown(web.autoconfig)) return { client, outcome: 'unknown', text: 'could not be found out' };
  return { client, outcome: 'fails', text: `finds no settings (autoconfig.${name}: ${outcomeText(web.autoconfig)})` };
}

/** [MS-OXDISCO] section 3.1.5: the domain itself, autodiscover.DOMAIN, plain http, SRV. */
function outlook({ name, web }: Seen): ClientOutcome {
  const client = 'Outlook';
  const { autodiscoverSite, autodiscover, autodiscoverHttp, autodiscoverSrv } = web;
  for (const [place, outcome] of [
    [name, autodiscoverSite],
    [`autodiscover.${name}`, autodiscover],
  ] as const) {
    if (isOurs(outcome)) return { client, outcome: 'works', text: `works by ${place}` };
    if (outcome.kind === 'other') return { client, outcome: 'fails', text: `takes other settings from ${place}` };
  }
  if (isOurs(autodiscoverHttp?.outcome)) {
    return { client, outcome: 'asks', text: `works by a redirect to ${autodiscoverHttp?.target}, will ask once` };
  }
  if (isOurs(autodiscoverSrv?.outcome)) {
    return { client, outcome: 'asks', text: `works by SRV (${autodiscoverSrv?.target}), will ask once` };
  }
  if (isUnknown(autodiscover)) return { client, outcome: 'unknown', text: 'could not be found out' };
  return { client, outcome: 'fails', text: `finds no settings (autodiscover.${name}: ${outcomeText(autodiscover)})` };
}

function iPhone({ name, web: { profile } }: Seen): ClientOutcome {
  const client = 'iPhone';
  if (profile === undefined) return { client, outcome: 'fails', text: 'no profile can be made of the settings' };
  if (isOurs(profile)) {
    return { client, outcome: 'asks', text: `profile at https://autoconfig.${name}/mobileconfig/, unsigned` };
  }
  if (isUnknown(profile)) return { client, outcome: 'unknown', text: 'could not be found out' };
  return { client, outcome: 'fails', text: `gets no profile (autoconfig.${name}: ${outcomeText(profile)})` };
}

/** It believes SRV before everything else. */
function fairEmail(seen: Seen): ClientOutcome {
  const client = 'FairEmail';
  const ofMail = seen.findings.filter(({ check, owner }) => {
    return (check === 'srv' || check === 'srv-unused') && /^_(?:imap|submission)s?\._tcp/.test(owner);
  });
  const wrong = ofMail.find(({ severity }) => severity === 'error');
  if (wrong !== undefined) return { client, outcome: 'fails', text: `would take ${wrong.found} from SRV` };
  if (ofMail.some(({ severity }) => severity === 'unknown')) {
    return { client, outcome: 'unknown', text: 'could not be found out' };
  }
  // One without the other is no account.
  const ways = [/^_(?:imap|pop3)s?\./, /^_submissions?\./];
  const right = seen.findings.filter(({ check, severity }) => check === 'srv' && severity === 'ok');
  if (ways.every((way) => right.some(({ owner }) => way.test(owner))))
    return { client, outcome: 'works', text: 'works by SRV' };
  const taken = byAutoconfig(seen);
  if (taken !== undefined) return { client, ...taken };
  if (isUnknown(seen.web.autoconfig)) return { client, outcome: 'unknown', text: 'could not be found out' };
  return { client, outcome: 'fails', text: 'finds no settings' };
}

function paccClients({ pacc: { state } }: Seen): ClientOutcome {
  const client = 'Evolution, Himalaya (PACC)';
  switch (state) {
    case 'works':
      return { client, outcome: 'works', text: 'works by PACC' };
    case 'broken':
      return { client, outcome: 'fails', text: 'discards the document of PACC, and goes on with other ways' };
    case 'unknown':
      return { client, outcome: 'unknown', text: 'could not be found out' };
    default:
      return { client, outcome: 'works', text: 'no PACC here, goes on with other ways' };
  }
}

function davClients({ findings, web }: Seen): ClientOutcome {
  const client = 'Calendars and contacts';
  const srv = findings.filter(({ check, owner }) => check === 'srv' && /^_(?:caldav|carddav)s\._tcp/.test(owner));
  if (srv.length > 0 && srv.every(({ severity }) => severity === 'ok')) {
    return { client, outcome: 'works', text: 'found by SRV' };
  }
  if (srv.some(({ severity }) => severity === 'error')) {
    return { client, outcome: 'fails', text: 'would be looked for at another server, which SRV names' };
  }
  if (web.davRedirects.length > 0) return { client, outcome: 'works', text: "found by the domain's own host" };
  if (srv.some(({ severity }) => severity === 'unknown')) {
    return { client, outcome: 'unknown', text: 'could not be found out' };
  }
  return { client, outcome: 'asks', text: 'not found: users type the address of the server' };
}
