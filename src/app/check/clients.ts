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

/** The places of Autoconfig in the order in which clients ask; undefined: nowhere. */
function autoconfigPlace({ name, web, mx }: Seen): string | undefined {
  if (isOurs(web.autoconfig)) return `autoconfig.${name}`;
  if (isOurs(web.autoconfigSite)) return `${name}/.well-known/autoconfig`;
  return isOurs(mx.path?.outcome) ? `${mx.path?.host}, which it derives from the MX` : undefined;
}

function thunderbird(seen: Seen): ClientOutcome {
  const { name, web } = seen;
  const client = 'Thunderbird';
  const place = autoconfigPlace(seen);
  if (web.autoconfig.kind === 'other') {
    return { client, outcome: 'fails', text: `takes other settings from autoconfig.${name}` };
  }
  if (place !== undefined) return { client, outcome: 'works', text: `works by ${place}` };
  if (isOurs(web.autodiscover))
    return { client, outcome: 'works', text: `works by autodiscover.${name} (Autodiscover)` };
  if (isUnknown(web.autoconfig)) return { client, outcome: 'unknown', text: 'could not be found out' };
  return { client, outcome: 'fails', text: `finds no settings (autoconfig.${name}: ${outcomeText(web.autoconfig)})` };
}

/** [MS-OXDISCO] section 3.1.5: the domain itself, autodiscover.DOMAIN, plain http, SRV. */
function outlook({ name, web }: Seen): ClientOutcome {
  const client = 'Outlook';
  const { autodiscoverSite, autodiscover, autodiscoverHttp, autodiscoverSrv } = web;
  if (isOurs(autodiscoverSite)) return { client, outcome: 'works', text: `works by ${name}` };
  if (isOurs(autodiscover)) return { client, outcome: 'works', text: `works by autodiscover.${name}` };
  if (autodiscoverHttp && autodiscover.kind === 'other') {
    return { client, outcome: 'fails', text: `takes other settings from autodiscover.${name}` };
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
  const hasSrv = ofMail.some(({ check, severity }) => check === 'srv' && severity === 'ok');
  if (hasSrv) return { client, outcome: 'works', text: 'works by SRV' };
  const place = autoconfigPlace(seen);
  if (place !== undefined) return { client, outcome: 'works', text: `works by ${place}` };
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
