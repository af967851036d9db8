import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Outcome } from '../../../src/app/check/answers.ts';
import { type ClientOutcome, clientOutcomes, type Seen } from '../../../src/app/check/clients.ts';
import { type CheckName, type Finding, Findings, type Severity } from '../../../src/app/check/finding.ts';
import type { PaccOutcome } from '../../../src/app/check/pacc.ts';
import type { WebOutcome } from '../../../src/app/check/web.ts';
import { NAME } from './scripted.ts';

const OURS: Outcome = { kind: 'ours' };
const OTHER: Outcome = { kind: 'other' };
const UNKNOWN: Outcome = { kind: 'unknown', reason: 'ETIMEOUT' };
const MISSING: Outcome = { kind: 'status', status: 404 };
/** Nothing at all is found, whatever the way. */
const NOTHING: WebOutcome = {
  findings: new Findings(),
  autoconfig: MISSING,
  autoconfigSite: MISSING,
  autodiscover: MISSING,
  autodiscoverSite: MISSING,
  autodiscoverSrv: undefined,
  autoconfigByHost: MISSING,
  autodiscoverHttp: undefined,
  profile: MISSING,
  issuer: undefined,
  davRedirects: [],
};

interface Given {
  readonly web?: Partial<WebOutcome>;
  /** What the host that is derived from the MX says. */
  readonly mx?: Outcome;
  readonly pacc?: PaccOutcome['state'];
  /** Checks of SRV, as "CHECK SEVERITY SERVICE"; of URLs, as "CHECK SEVERITY URL". */
  readonly srv?: readonly string[];
}

const finding = (text: string): Finding => {
  const [check, severity, service] = text.split(' ') as [CheckName, Severity, string];
  const owner = service.startsWith('https:') ? service : `_${service}._tcp.${NAME}`;
  return { check, severity, owner, expected: '', found: 'x:1', advice: '' };
};

const seen = ({ web, mx, pacc = 'none', srv = [] }: Given): Seen => ({
  name: NAME,
  web: { ...NOTHING, ...web },
  mx: { findings: new Findings(), path: mx && { host: 'autoconfig.hoster.example', outcome: mx } },
  pacc: { findings: new Findings(), state: pacc },
  findings: srv.map(finding),
  hasDav: true,
  hasJmap: true,
});

const CLIENTS = [
  'Thunderbird',
  'Thunderbird for Android, KMail',
  'Outlook',
  'iPhone',
  'FairEmail',
  'Evolution, Himalaya (PACC)',
  'aerc (JMAP)',
  'Himalaya (JMAP)',
  'Calendars and contacts',
];
const outcomeOf = (given: Given, client: string): ClientOutcome['outcome'] | undefined =>
  clientOutcomes(seen(given)).find((each) => each.client === client)?.outcome;

test('each client has an outcome; those for calendars and JMAP only where there are some', () => {
  assert.deepEqual(
    clientOutcomes(seen({})).map(({ client }) => client),
    CLIENTS,
  );
  assert.equal(clientOutcomes({ ...seen({}), hasDav: false }).length, CLIENTS.length - 1);
  assert.equal(clientOutcomes({ ...seen({}), hasJmap: false }).length, CLIENTS.length - 2);
});

const SESSION = 'https://jmap.example/.well-known/jmap';
const OWN = `https://${NAME}/.well-known/jmap`;

describe('what each client will do', () => {
  const target = 'service.example';
  for (const { client, cases } of [
    {
      client: 'Thunderbird',
      cases: [
        ['nothing', {}, 'fails'],
        ['autoconfig.DOMAIN', { web: { autoconfig: OURS } }, 'works'],
        ['the web site', { web: { autoconfigSite: OURS } }, 'works'],
        ['the host of the MX', { mx: OURS }, 'works'],
        ['another host of the MX', { mx: OTHER }, 'fails'],
        ['Autodiscover', { web: { autodiscover: OURS } }, 'works'],
        ['Autodiscover at the web site', { web: { autodiscoverSite: OURS } }, 'fails'],
        ['other settings before the right ones', { web: { autoconfig: OTHER, autoconfigSite: OURS } }, 'fails'],
        ['nobody knows', { web: { autoconfig: UNKNOWN } }, 'unknown'],
        ['nobody knows, but the web site has them', { web: { autoconfig: UNKNOWN, autoconfigSite: OURS } }, 'unknown'],
        ['a page', { web: { autoconfig: { kind: 'html' } } }, 'fails'],
        ['a refused certificate', { web: { autoconfig: { kind: 'certificate', fault: 'X' } } }, 'fails'],
      ],
    },
    {
      client: 'Outlook',
      cases: [
        ['nothing', {}, 'fails'],
        ['Autoconfig', { web: { autoconfig: OURS } }, 'fails'],
        ['the web site', { web: { autodiscoverSite: OURS } }, 'works'],
        ['autodiscover.DOMAIN', { web: { autodiscover: OURS } }, 'works'],
        ['SRV', { web: { autodiscoverSrv: { target, outcome: OURS } } }, 'asks'],
        ['SRV that leads to others', { web: { autodiscoverSrv: { target, outcome: OTHER } } }, 'fails'],
        [
          'others at a place that comes before SRV',
          { web: { autodiscover: OTHER, autodiscoverSrv: { target, outcome: OURS } } },
          'fails',
        ],
        ['nobody knows', { web: { autodiscover: UNKNOWN } }, 'unknown'],
      ],
    },
    {
      client: 'iPhone',
      cases: [
        ['a profile', { web: { profile: OURS } }, 'asks'],
        ['none can be made', { web: { profile: undefined } }, 'fails'],
        ['a signed profile', { web: { profile: { kind: 'ours', isSigned: true } } }, 'asks'],
        ['another one', { web: { profile: OTHER } }, 'fails'],
        ['nobody knows', { web: { profile: UNKNOWN } }, 'unknown'],
      ],
    },
    {
      client: 'FairEmail',
      cases: [
        ['nothing', {}, 'fails'],
        ['SRV', { srv: ['srv ok imaps', 'srv ok submission'] }, 'works'],
        ['SRV for one way only', { srv: ['srv ok imaps'] }, 'fails'],
        ['no SRV, but Autoconfig', { srv: ['srv warning imaps'], web: { autoconfig: OURS } }, 'works'],
        ['wrong SRV before Autoconfig', { srv: ['srv error imaps'], web: { autoconfig: OURS } }, 'fails'],
        ['SRV without row', { srv: ['srv ok imaps', 'srv ok submission', 'srv-unused error imap'] }, 'fails'],
        ['SRV of POP, which it does not ask', { srv: ['srv error pop3s'], web: { autoconfig: OURS } }, 'works'],
        ['nobody knows SRV', { srv: ['srv unknown submissions'], web: { autoconfig: OURS } }, 'unknown'],
        ['another check of the name', { srv: ['srv-target error imaps'], web: { autoconfig: OURS } }, 'works'],
      ],
    },
    {
      client: 'Evolution, Himalaya (PACC)',
      cases: [
        ['all is there', { pacc: 'works' }, 'works'],
        ['none, as can be', { pacc: 'none' }, 'works'],
        ['none is published', { pacc: 'unpublished' }, 'works'],
        ['broken', { pacc: 'broken' }, 'fails'],
        ['nobody knows', { pacc: 'unknown' }, 'unknown'],
      ],
    },
    {
      client: 'aerc (JMAP)',
      cases: [
        ['nothing, so it goes on', {}, 'works'],
        ['SRV and a session', { srv: ['srv ok jmap', `jmap ok ${SESSION}`] }, 'works'],
        ['SRV without session', { srv: ['srv ok jmap', `jmap warning ${SESSION}`] }, 'fails'],
        ['nobody knows the session', { srv: ['srv ok jmap', `jmap unknown ${SESSION}`] }, 'unknown'],
        ['wrong SRV', { srv: ['srv error jmap', `jmap ok ${SESSION}`] }, 'fails'],
        ['nobody knows SRV', { srv: ['srv unknown jmap', `jmap ok ${SESSION}`] }, 'unknown'],
      ],
    },
    {
      client: 'Himalaya (JMAP)',
      cases: [
        ['nothing, so it goes on', {}, 'works'],
        ["the domain's own host leads on", { srv: [`well-known-jmap ok ${OWN}`] }, 'works'],
        ['it is the server', { srv: [`jmap ok ${OWN}`] }, 'works'],
        ['nobody knows it', { srv: [`well-known-jmap unknown ${OWN}`, `jmap ok ${SESSION}`] }, 'unknown'],
        ['nobody knows it, but PACC', { srv: [`well-known-jmap unknown ${OWN}`], pacc: 'works' }, 'works'],
      ],
    },
    {
      client: 'Calendars and contacts',
      cases: [
        ['nothing', {}, 'asks'],
        ['SRV', { srv: ['srv ok caldavs', 'srv ok carddavs'] }, 'works'],
        ['wrong SRV', { srv: ['srv ok caldavs', 'srv error carddavs'], web: { davRedirects: ['caldav'] } }, 'fails'],
        ['the web site leads on', { srv: ['srv warning caldavs'], web: { davRedirects: ['caldav'] } }, 'works'],
        ['nobody knows', { srv: ['srv unknown caldavs'] }, 'unknown'],
      ],
    },
  ] satisfies readonly {
    client: string;
    cases: readonly (readonly [what: string, given: Given, want: ClientOutcome['outcome']])[];
  }[]) {
    for (const [what, given, want] of cases) {
      test(`${client}, ${what}: ${want}`, () => assert.equal(outcomeOf(given, client), want));
    }
  }
});
