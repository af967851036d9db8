import type { Fault } from './fault.ts';

/** What can be wrong with connections and certificates. */
export const TLS_FAULTS: readonly Fault[] = [
  {
    domain: 'expired',
    title: 'the certificate has expired',
    web: [{ names: ['autoconfig'], certificate: 'expired' }],
    expect: ['autoconfig error', 'certificate error'],
  },
  {
    domain: 'other-name',
    title: 'the certificate is for another name',
    web: [{ names: ['autodiscover'], certificate: 'otherName' }],
    expect: ['autodiscover error', 'certificate error'],
  },
  {
    domain: 'no-intermediate',
    title: 'the intermediate certificate is missing',
    web: [{ names: ['autoconfig'], certificate: 'noIntermediate' }],
    expect: ['autoconfig error', 'certificate error'],
  },
  {
    domain: 'self-signed',
    title: 'the certificate signs itself',
    web: [{ names: ['autoconfig', 'autodiscover', 'ua-auto-config'], certificate: 'selfSigned' }],
    expect: ['autoconfig error', 'autodiscover error', 'certificate error', 'pacc error'],
  },
  {
    domain: 'not-yet',
    title: 'the certificate is not valid yet',
    web: [{ names: ['autodiscover'], certificate: 'notYet' }],
    expect: ['autodiscover error', 'certificate error'],
  },
  {
    domain: 'no-tls',
    title: 'port 443 speaks no TLS',
    zone: { autoconfig: ['A PLAIN'] },
    expect: ['address error', 'autoconfig error'],
    advises: /no TLS/,
  },
  {
    domain: 'no-certificate',
    title: 'the proxy has no certificate for the name',
    web: [{ names: ['autoconfig'], lines: 'ssl_reject_handshake on;' }],
    expect: ['autoconfig error'],
    advises: /certificate of that name/,
  },
  {
    domain: 'ten-days',
    title: 'the certificate ends in ten days',
    web: [{ names: ['autoconfig'], certificate: 'tenDays' }],
    expect: ['certificate warning'],
  },
  {
    domain: 'unreachable',
    title: 'nothing listens where the names lead to',
    zone: { autoconfig: ['A NOTHING'], autodiscover: ['A NOTHING'], 'ua-auto-config': ['A NOTHING'] },
    expect: ['address error', 'autoconfig error', 'autodiscover error', 'pacc error'],
    clients: { iPhone: 'fails', FairEmail: 'works', 'Evolution, Himalaya (PACC)': 'fails' },
  },
  {
    domain: 'half-silent',
    title: 'nothing listens at one of two addresses',
    zone: {
      autoconfig: ['A SERVICE', 'A NOTHING'],
      autodiscover: ['A SERVICE', 'A NOTHING'],
      'ua-auto-config': ['A SERVICE', 'A NOTHING'],
    },
    expect: ['address warning', 'autoconfig warning', 'autodiscover warning', 'pacc warning'],
    clients: { Thunderbird: 'works', Outlook: 'works' },
  },
];
