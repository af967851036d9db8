import type { Members } from '../domain/documents/samples.ts';
import { type Fault, serversOf } from './fault.ts';

const withClearText = (domain: string): readonly Members[] => [
  ...serversOf(domain),
  { type: 'imap', name: `imap.${domain}`, port: 143, socket_type: 'plain', prio: 30 },
];

/** What can be wrong with SRV records, and with the TXT records beside them. */
export const SRV_FAULTS: readonly Fault[] = [
  {
    domain: 'autodiscover-srv-only',
    title: 'Autodiscover by its SRV record alone',
    zone: { autodiscover: [] },
    web: [{ names: ['@'], lines: 'location ~ ^/autodiscover/ { return 404; }' }],
    expect: [],
    clients: { Outlook: 'asks', Thunderbird: 'works' },
  },
  {
    domain: 'autodiscover-host-only',
    title: 'Autodiscover by its host alone',
    zone: { '_autodiscover._tcp': [] },
    expect: [],
  },
  {
    domain: 'autodiscover-port',
    title: 'the SRV record of Autodiscover names another port',
    zone: { '_autodiscover._tcp': ['SRV 0 0 8443 service.test.'] },
    expect: ['autodiscover-srv warning'],
  },
  {
    domain: 'autodiscover-two',
    title: 'two SRV records of Autodiscover',
    zone: { '_autodiscover._tcp': ['SRV 0 0 443 service.test.', 'SRV 0 5 443 autoconfig'], autoconfig: ['A SERVICE'] },
    expect: ['autodiscover-srv warning'],
  },
  {
    domain: 'autodiscover-target',
    title: 'the SRV record of Autodiscover names a host without address',
    zone: { '_autodiscover._tcp': ['SRV 0 0 443 nowhere'] },
    expect: ['autodiscover-srv warning', 'srv-target error'],
  },
  {
    domain: 'autodiscover-alias',
    title: 'the SRV record of Autodiscover names an alias',
    zone: { '_autodiscover._tcp': ['SRV 0 0 443 autodiscover'] },
    expect: ['autodiscover-srv warning', 'srv-target warning'],
  },
  {
    domain: 'service-alias',
    title: 'the SRV record of Autodiscover names an alias of the service',
    zone: { '_autodiscover._tcp': ['SRV 0 0 443 alias.service.test.'] },
    expect: ['autodiscover-srv warning', 'srv-target warning'],
  },
  {
    domain: 'srv-missing',
    title: 'an SRV record of a row is missing',
    zone: { '_submissions._tcp': [] },
    expect: ['srv warning'],
  },
  {
    domain: 'srv-host',
    title: 'an SRV record names another host than the row',
    zone: { '_imaps._tcp': ['SRV 0 1 993 mx'] },
    expect: ['srv error'],
    clients: { FairEmail: 'fails', Thunderbird: 'works' },
  },
  {
    domain: 'srv-port',
    title: 'an SRV record names another port than the row',
    zone: { '_submission._tcp': ['SRV 20 1 25 smtp'] },
    expect: ['srv error'],
  },
  {
    domain: 'srv-refused',
    title: 'an SRV record says that a service of the rows is not offered',
    zone: { '_imaps._tcp': ['SRV 0 0 0 .'] },
    expect: ['srv error'],
  },
  {
    domain: 'srv-priority',
    title: 'another priority and weight than printed is no fault',
    zone: { '_imaps._tcp': ['SRV 7 9 993 IMAP'] },
    expect: [],
  },
  {
    domain: 'srv-clear-text',
    title: 'an SRV record names a row without TLS',
    zone: { '_imap._tcp': ['SRV 0 1 143 imap'] },
    servers: withClearText,
    expect: [],
    notes: ['srv-unused'],
  },
  {
    domain: 'srv-not-clear-text',
    title: 'an SRV record names another host than the row without TLS',
    zone: { '_imap._tcp': ['SRV 0 1 143 smtp'] },
    servers: withClearText,
    expect: ['srv-unused error'],
  },
  {
    domain: 'srv-unused',
    title: 'an SRV record of a service that no row has',
    zone: { '_pop3s._tcp': ['SRV 0 1 995 imap'] },
    expect: ['srv-unused error'],
  },
  {
    domain: 'srv-dot',
    title: 'not offered, beside a record that offers it',
    zone: { '_pop3s._tcp': ['SRV 0 0 0 .', 'SRV 0 1 995 imap'] },
    expect: ['srv-unused error'],
  },
  {
    domain: 'srv-no-login',
    title: 'SRV is silent about a row whose login is not the address',
    servers: (name) => serversOf(name, { imap: { user_name: '%EMAILLOCALPART%' } }),
    expect: [],
    silent: ['srv-unused'],
    clients: { FairEmail: 'works' },
  },
  {
    domain: 'srv-login',
    title: 'an SRV record names a row whose login is not the address',
    servers: (name) => serversOf(name, { imap: { user_name: '%EMAILLOCALPART%' } }),
    zone: { '_imaps._tcp': ['SRV 0 1 993 imap'] },
    expect: [],
    notes: ['srv-unused'],
    clients: { FairEmail: 'fails' },
  },
  {
    domain: 'srv-silent',
    title: 'nothing is said of services that no row has',
    zone: { '_imap._tcp': [], '_pop3._tcp': [], '_pop3s._tcp': [], '_caldav._tcp': [], '_carddav._tcp': [] },
    expect: [],
  },
  {
    domain: 'srv-target',
    title: 'the target of an SRV record has no address',
    zone: { '_caldavs._tcp SRV': ['SRV 0 1 443 gone'] },
    servers: (domain) => serversOf(domain, { caldav: { url: `https://gone.${domain}/calendars/` } }),
    expect: ['srv-target error'],
  },
  {
    domain: 'srv-alias',
    title: 'the target of an SRV record is an alias',
    zone: { imap: ['CNAME mx'] },
    expect: ['srv-target warning'],
  },
  {
    domain: 'dav-path',
    title: 'the TXT record of a DAV server names another path',
    zone: { '_carddavs._tcp TXT': ['TXT "path=/old/"'] },
    expect: ['dav-path warning'],
  },
  {
    domain: 'dav-no-path',
    title: 'the TXT record of a DAV server is missing',
    zone: { '_caldavs._tcp TXT': [] },
    expect: ['dav-path warning'],
  },
  {
    domain: 'autodiscover-refused',
    title: 'autodiscover.D is missing, and its SRV record says that there is none',
    zone: { autodiscover: [], '_autodiscover._tcp': ['SRV 0 0 0 .'] },
    expect: ['autodiscover-name error', 'autodiscover-srv warning'],
  },
];
