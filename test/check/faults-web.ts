import { ESCAPES, type Fault, serversOf } from './fault.ts';
import { PASS_ON } from './sites.ts';

const CONFIG = '/mail/config-v1.1.xml';
const WELL_KNOWN = '/.well-known/autoconfig/mail/config-v1.1.xml';
const AUTODISCOVER = '/autodiscover/autodiscover.xml';
const HTML = 'default_type text/html; return 200 "<!doctype html><title>Welcome</title>";';

/** A location, whatever the path's case. */
const at = (path: string, lines: string): string => `location = ${path} { ${lines} }`;
const everywhere = (lines: string): string => `location ~ . { ${lines} }`;
const xml = (text: string): string => `default_type text/xml; return 200 '${text}';`;

/** What takes long to find out: these come first, so that others are checked beside them. */
export const SLOW_FAULTS: readonly Fault[] = [
  {
    domain: 'hung',
    title: 'a web server never answers',
    zone: { autoconfig: ['A HUNG'] },
    expect: ['address error', 'autoconfig error'],
  },
  {
    domain: 'limited',
    title: 'a proxy that lets a client make few requests in a second is no fault',
    zone: { autoconfig: ['A LIMITED'], autodiscover: ['A LIMITED'], 'ua-auto-config': ['A LIMITED'] },
    expect: [],
  },
  {
    domain: 'busy',
    title: 'a proxy that answers 429 to each request says nothing',
    zone: { autoconfig: ['A OLD'] },
    web: [{ names: ['autoconfig'], at: 'OLD', lines: everywhere('return 429;') }],
    expect: ['address error', 'autoconfig unknown'],
  },
];

/** What can be wrong with the servers that clients ask for settings. */
export const WEB_FAULTS: readonly Fault[] = [
  {
    domain: 'long',
    title: 'documents of more than 64 KiB',
    servers: (name) => [
      ...serversOf(name),
      ...Array.from({ length: 300 }, (_, index) => ({
        type: 'imap',
        name: `%EMAILLOCALPART%.host${index}.${name}`,
        port: 993,
        socket_type: 'SSL',
        prio: 50,
      })),
    ],
    expect: [],
    notes: ['mail-host'],
  },
  {
    domain: 'byte-order-mark',
    title: 'a proxy writes a byte order mark before the document of PACC',
    web: [{ names: ['ua-auto-config'], lines: `sub_filter_types *; sub_filter '{"auth' '\ufeff{"auth';` }],
    expect: ['pacc error'],
  },
  {
    domain: 'html',
    title: 'a web site answers in place of Autoconfig',
    web: [{ names: ['autoconfig'], lines: everywhere(HTML) }],
    expect: ['autoconfig error'],
    // By the domain's own site.
    clients: { Thunderbird: 'works', iPhone: 'fails' },
  },
  {
    domain: 'host-lost',
    title: 'the proxy keeps the host name to itself',
    web: [{ names: ['autoconfig'], lines: at(CONFIG, `if ($args = '') { return 400 "no\\n"; } ${PASS_ON}`) }],
    expect: ['autoconfig-by-host error'],
    clients: { Thunderbird: 'works', 'Thunderbird for Android, KMail': 'fails' },
  },
  {
    domain: 'not-found',
    title: 'Autoconfig is not found',
    web: [{ names: ['autoconfig'], lines: at(CONFIG, 'return 404 "no\\n";') }],
    expect: ['autoconfig error'],
    silent: ['mx'],
  },
  {
    domain: 'bad-gateway',
    title: 'the daemon behind the proxy is down',
    web: [{ names: ['autoconfig'], lines: at(CONFIG, 'return 502 "down\\n";') }],
    expect: ['autoconfig error'],
  },
  {
    domain: 'other-document',
    title: 'another program answers Autoconfig',
    web: [{ names: ['autoconfig'], lines: at(CONFIG, xml('<clientConfig version="1.1"></clientConfig>')) }],
    expect: ['autoconfig error'],
  },
  {
    domain: 'site-html',
    title: 'the web site of D answers each path with a page',
    web: [{ names: ['@'], lines: everywhere(HTML) }],
    expect: ['autoconfig-web-site warning', 'autodiscover-web-site warning'],
  },
  {
    domain: 'site-document',
    title: 'the web site of D has settings of its own',
    web: [{ names: ['@'], lines: at(WELL_KNOWN, xml('<clientConfig version="1.1"></clientConfig>')) }],
    expect: ['autoconfig-web-site warning'],
  },
  {
    domain: 'site-404',
    title: 'the web site of D answers 404 to what it does not know',
    web: [{ names: ['@'], lines: `${at(WELL_KNOWN, 'return 404;')} ${at(AUTODISCOVER, 'return 404;')}` }],
    expect: [],
  },
  {
    domain: 'autodiscover-html',
    title: 'a web site answers in place of Autodiscover',
    web: [{ names: ['autodiscover'], lines: everywhere(HTML) }],
    expect: ['autodiscover error', 'autodiscover-json warning'],
  },
  {
    domain: 'autodiscover-405',
    title: 'Autodiscover takes no POST',
    web: [{ names: ['autodiscover'], lines: `if ($request_method = POST) { return 405; }` }],
    expect: ['autodiscover error'],
  },
  {
    domain: 'autodiscover-error',
    title: 'Autodiscover answers that the domain is not served',
    web: [
      {
        names: ['autodiscover'],
        lines: at(
          AUTODISCOVER,
          xml('<Autodiscover><Response><Error><ErrorCode>500</ErrorCode></Error></Response></Autodiscover>'),
        ),
      },
    ],
    expect: ['autodiscover error'],
    advises: /says error 500[\s\S]*reload/,
  },
  {
    domain: 'http-foreign',
    title: 'http redirects Autodiscover to a foreign http URL',
    web: [
      {
        names: ['autodiscover'],
        lines: at(AUTODISCOVER, `if ($scheme = http) { return 302 http://www.site.test/; } include proxy;`),
      },
    ],
    expect: ['autodiscover-http warning'],
  },
  {
    domain: 'json-404',
    title: 'the JSON of Autodiscover is not passed on',
    web: [{ names: ['autodiscover'], lines: 'location ~* /autodiscover\\.json { return 404; }' }],
    expect: ['autodiscover-json warning'],
  },
  {
    domain: 'redirect-foreign',
    title: 'Autoconfig redirects to another host, which answers',
    web: [
      { names: ['autoconfig'], lines: at(CONFIG, 'return 302 https://www.redirect-foreign.test$request_uri;') },
      { names: ['www'], at: 'SERVICE' },
    ],
    zone: { www: ['A SERVICE'] },
    // Who sends no address cannot be answered under the other name.
    expect: ['redirect warning', 'autoconfig-by-host error'],
    advises: /let it answer itself/,
  },
  {
    domain: 'redirect-chain',
    title: 'Autoconfig redirects twice',
    web: [
      {
        names: ['autoconfig'],
        lines:
          at(CONFIG, 'return 302 https://autoconfig.redirect-chain.test/1$request_uri;') +
          at(`/1${CONFIG}`, 'return 302 https://autoconfig.redirect-chain.test/2$request_uri;') +
          `location /2/ { rewrite ^.*$ ${CONFIG}-2 last; } location = ${CONFIG}-2 { rewrite ^ ${WELL_KNOWN} break; include proxy; }`,
      },
    ],
    expect: ['redirect warning'],
  },
  {
    domain: 'redirect-http',
    title: 'Autoconfig redirects to plain http',
    web: [
      {
        names: ['autoconfig'],
        lines: at(CONFIG, 'if ($scheme = https) { return 302 http://$host$request_uri; } include proxy;'),
      },
    ],
    expect: ['autoconfig error', 'redirect warning'],
  },
  {
    domain: 'autodiscover-redirect',
    title: 'Autodiscover redirects to another host, which does not answer',
    web: [
      {
        names: ['autodiscover'],
        lines: at(AUTODISCOVER, 'return 302 https://www.nowhere.test$request_uri;'),
      },
    ],
    expect: ['autodiscover error', 'autodiscover-http warning', 'redirect warning'],
  },
  {
    domain: 'pacc-octets',
    title: 'the proxy rewrites the document of PACC',
    web: [{ names: ['ua-auto-config'], lines: 'sub_filter_types *; sub_filter ":" ": "; sub_filter_once off;' }],
    expect: ['pacc error'],
  },
  {
    domain: 'pacc-404',
    title: 'the proxy does not pass PACC on',
    web: [{ names: ['ua-auto-config'], lines: everywhere('return 404;') }],
    expect: ['pacc error'],
  },
  {
    domain: 'dav-404',
    title: 'the web site of D does not know the paths of DAV, but there are SRV records',
    web: [{ names: ['@'], lines: 'location ~ /(?:cal|card)dav$ { return 404; }' }],
    expect: [],
    notes: ['well-known-dav'],
  },
  {
    domain: 'dav-elsewhere',
    title: 'the web site of D redirects DAV clients to another server, and there is no SRV record',
    zone: { '_caldavs._tcp': [] },
    web: [{ names: ['@'], lines: at('/.well-known/caldav', 'return 301 https://old.dav-elsewhere.test/;') }],
    expect: ['srv warning', 'well-known-dav warning'],
    advises: /DAVx5/,
  },
  {
    domain: 'profile',
    title: 'the profile is not passed on',
    web: [{ names: ['autoconfig'], lines: 'location /mobileconfig { return 404; }' }],
    expect: ['profile error'],
  },
  {
    domain: 'hostile',
    title: 'strangers write what a terminal obeys',
    zone: {
      '_ua-auto-config': ['TXT "v=UAAC1; \\027[31m\\007\\1551m"'],
      '_caldavs._tcp TXT': ['TXT "path=/\\027[31m\\007\\1551m"'],
    },
    web: [
      { names: ['autoconfig'], lines: everywhere(`default_type "text/${ESCAPES}"; return 200 "<html>${ESCAPES}";`) },
      { names: ['autodiscover'], lines: everywhere(`return 302 "https://x/${ESCAPES}";`) },
      { names: ['ua-auto-config'], certificate: 'hostile' },
    ],
    expect: ['autoconfig error', 'autodiscover error', 'certificate error', 'dav-path warning', 'pacc error'],
  },
  {
    domain: 'http-to-service',
    title: 'http redirects Autodiscover to the service',
    web: [
      {
        names: ['autodiscover'],
        lines: at(
          AUTODISCOVER,
          `if ($scheme = http) { return 302 https://service.test${AUTODISCOVER}; } include proxy;`,
        ),
      },
    ],
    expect: [],
  },
  {
    domain: 'site-autodiscover',
    title: 'the web site of D, which Outlook asks first, has other settings for it',
    web: [
      { names: ['@'], lines: at(AUTODISCOVER, xml('<Autodiscover><Response><Account/></Response></Autodiscover>')) },
    ],
    expect: ['autodiscover-web-site warning'],
    clients: { Outlook: 'fails' },
  },
  {
    domain: 'site-instead',
    title: 'autoconfig.D is missing, and the web site of D has other settings',
    zone: { autoconfig: [] },
    web: [{ names: ['@'], lines: at(WELL_KNOWN, xml('<clientConfig version="1.1"></clientConfig>')) }],
    expect: ['autoconfig-name error', 'autoconfig-web-site warning'],
    clients: { Thunderbird: 'fails' },
  },
  {
    domain: 'srv-half',
    title: 'SRV for outgoing mail alone, and no other way',
    zone: { '_imaps._tcp': [], autoconfig: [], '@ MX': ['MX 0 .'] },
    web: [{ names: ['@'], lines: at(WELL_KNOWN, 'return 404;') }],
    expect: ['autoconfig-name error', 'srv warning'],
    clients: { FairEmail: 'fails' },
  },
];
