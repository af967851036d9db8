/** What `init --sample` stores, without DAV servers. */
export const SAMPLE_ROWS = {
  automx2_extra: [],
  provider: [[1, 'Example Inc.', 'Example']],
  ldapserver: [],
  domain: [
    [1, 'example.com', 1, null],
    [2, 'example.net', 1, null],
    [3, 'example.org', 1, null],
  ],
  server: [
    [1, 10, 'mail.example.com', 993, 'imap', 'SSL', '%EMAILADDRESS%', 'plain'],
    [2, 10, 'mail.example.com', 110, 'pop', 'STARTTLS', '%EMAILADDRESS%', 'plain'],
    [3, 10, 'mail.example.com', 465, 'smtp', 'SSL', '%EMAILADDRESS%', 'plain'],
  ],
  server_domain: [1, 2, 3].flatMap((server) => [1, 2, 3].map((domain) => [server, domain])),
  davserver_domain: [
    [1, 1],
    [2, 1],
  ],
};

/** A seed in which nothing is as the defaults are. */
export const SEED = {
  version: 2,
  provider: 'Ünï Provider GmbH',
  domains: [{ name: 'One.Example.' }, { name: 'bücher.example', ldapserver_id: 7 }],
  ldapservers: [{ id: 7, name: 'ldap.example', search_base: 'dc=example', bind_user: 'u', bind_password: 'geheim' }],
  servers: [
    { type: 'smtp', name: 'smtp.example', port: 587, prio: 3, user_name: '%EMAILLOCALPART%', authentication: 'NTLM' },
    { type: 'imap', name: 'imap.example' },
    { type: 'caldav', url: 'https://dav.example/', port: 1 },
    { type: 'carddav', url: 'http://dav.example/' },
  ],
};
export const SEED_TEXT = JSON.stringify(SEED); /** What is stored of it. */
export const SEED_ROWS = {
  automx2_extra: [],
  provider: [[1, 'Ünï Provider GmbH', 'Ünï']],
  ldapserver: [[7, 'ldap.example', 636, 1, 'dc=example', '(mail={0})', 'uid', 'cn', 'geheim', 'u']],
  domain: [
    [1, 'one.example', 1, null],
    [2, 'xn--bcher-kva.example', 1, 7],
  ],
  server: [
    [1, 3, 'smtp.example', 587, 'smtp', 'STARTTLS', '%EMAILLOCALPART%', 'NTLM'],
    [2, 10, 'imap.example', 993, 'imap', 'SSL', '%EMAILADDRESS%', 'plain'],
  ],
  server_domain: [
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 2],
  ],
  davserver: [
    [1, 'https://dav.example/', 1, 'caldav', 1, 1, '%EMAILADDRESS%'],
    [2, 'http://dav.example/', 0, 'carddav', 0, 1, '%EMAILADDRESS%'],
  ],
  davserver_domain: [
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 2],
  ],
};
