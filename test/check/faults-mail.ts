import { type Fault, serversOf } from './fault.ts';

/** What can be wrong with the mail servers that rows name. */
export const MAIL_FAULTS: readonly Fault[] = [
  {
    domain: 'mail-no-address',
    title: 'a mail host has no address',
    zone: { '_imaps._tcp': [], imap: [] },
    expect: ['mail-host error', 'srv warning'],
  },
  {
    domain: 'mail-closed',
    title: 'nothing listens on the port of a row',
    zone: { smtp: ['A NOTHING'] },
    expect: ['mail-host warning'],
    advises: /start the server/,
    clients: { Thunderbird: 'works', 'All of them': 'fails' },
  },
  {
    domain: 'mail-expired',
    title: 'the certificate of a mail host has expired',
    mail: { imap: 'expired' },
    expect: ['mail-host error'],
  },
  {
    domain: 'mail-other-name',
    title: 'the certificate of a mail host is for another name',
    mail: { smtp: 'otherName' },
    expect: ['mail-host error'],
  },
  {
    domain: 'mail-no-tls',
    title: 'a port that should begin with TLS does not',
    servers: (domain) => serversOf(domain, { imap: { port: 143 } }),
    expect: ['mail-host warning'],
    advises: /socket_type/,
  },
  {
    domain: 'starttls-none',
    title: 'a mail host has no STARTTLS, which only --deep asks for',
    zone: { smtp: ['A PLAIN'] },
    expect: [],
  },
  {
    domain: 'starttls-name',
    title: 'a certificate behind STARTTLS is for another name, which only --deep asks for',
    zone: { submit: ['A MAIL'], '_submission._tcp': ['SRV 20 1 587 submit'] },
    servers: (domain) => serversOf(domain, { submission: { name: `submit.${domain}` } }),
    mail: { submit: 'otherName' },
    expect: [],
  },
];
