/** Settings documents, good and bad ones. */

export type Members = Readonly<Record<string, unknown>>;

export const imap = { type: 'imap', name: 'mail.example.com', port: 993, socket_type: 'SSL' };
export const smtp = { type: 'smtp', name: 'mail.example.com', port: 465, socket_type: 'SSL' };
export const caldav = { type: 'caldav', url: 'https://dav.example.com/' };
export const ldap = { name: 'ldap.example.com', search_base: 'dc=example' };

export const provider = (members: Members = {}): Members => ({
  name: 'Example Inc.',
  domains: ['example.com', 'example.net'],
  servers: [imap, smtp],
  ...members,
});
export const document = (members: Members = {}, others: Members = {}): Members => ({
  version: 3,
  providers: [provider(members)],
  ...others,
});

export const full = document(
  {
    domains: [{ name: 'example.com', directory: 'ldap.example.com' }, 'example.net'],
    servers: [
      imap,
      { ...smtp, domains: ['example.com'] },
      { ...smtp, user_name: '%EMAILLOCALPART%', prio: 5, domains: ['example.net'] },
      { ...caldav, use_ssl: false, domain_required: false, port: 8443, domains: ['example.net'] },
    ],
  },
  { directories: [{ ...ldap, bind_user: 'cn=reader', bind_password: 's3cret' }] },
);

/** Documents that are refused, and the path that the message begins with. */
export const REFUSED: readonly { readonly name: string; readonly given: Members; readonly path: string }[] = [
  { name: 'an unknown member', given: document({}, { provider: 'x' }), path: 'provider' },
  { name: 'one of a provider', given: document({ provider: 'x' }), path: 'providers[0].provider' },
  {
    name: 'one of a domain',
    given: document({ domains: [{ name: 'a.example', ldapserver_id: 1 }] }),
    path: 'providers[0].domains[0].ldapserver_id',
  },
  {
    name: 'one of a mail server',
    given: document({ servers: [imap, { ...smtp, url: 'x' }] }),
    path: 'providers[0].servers[1].url',
  },
  {
    name: 'one of a DAV server',
    given: document({ servers: [{ ...caldav, socket_type: 'SSL' }] }),
    path: 'providers[0].servers[0].socket_type',
  },
  { name: 'one of a directory', given: document({}, { directories: [{ ...ldap, id: 1 }] }), path: 'directories[0].id' },
  { name: 'providers that are no list', given: { version: 3, providers: {} }, path: 'providers' },
  { name: 'a provider that is no object', given: { version: 3, providers: ['x'] }, path: 'providers[0]' },
  { name: 'a provider without a name', given: document({ name: null }), path: 'providers[0].name' },
  {
    name: 'a port as a text',
    given: document({ servers: [imap, imap, { ...smtp, port: '25' }] }),
    path: 'providers[0].servers[1]',
  },
  {
    name: 'a port as a text',
    given: document({ servers: [imap, { ...smtp, port: '25' }] }),
    path: 'providers[0].servers[1].port',
  },
  {
    name: 'a boolean as a text',
    given: document({ servers: [{ ...caldav, use_ssl: 'perhaps' }] }),
    path: 'providers[0].servers[0].use_ssl',
  },
  {
    name: 'a domain of nobody',
    given: document({ servers: [{ ...imap, domains: ['example.org'] }] }),
    path: 'providers[0].servers[0].domains[0]',
  },
  {
    name: 'a domain twice for a server',
    given: document({ servers: [{ ...imap, domains: ['example.com', 'Example.com'] }] }),
    path: 'providers[0].servers[0].domains[1]',
  },
  {
    name: 'a directory of nobody',
    given: document({ domains: [{ name: 'a.example', directory: 'x' }] }),
    path: 'providers[0].domains[0].directory',
  },
  {
    name: 'a directory by its number',
    given: document({ domains: [{ name: 'a.example', directory: 1 }] }, { directories: [ldap] }),
    path: 'providers[0].domains[0].directory',
  },
  {
    name: 'a domain twice',
    given: document({ domains: ['a.example', { name: 'A.example' }] }),
    path: 'providers[0].domains[1]',
  },
  {
    name: 'a domain of two providers',
    given: { version: 3, providers: [provider(), provider({ name: 'B' })] },
    path: 'providers[1].domains[0]',
  },
  {
    name: 'a provider twice',
    given: { version: 3, providers: [provider(), provider({ domains: [] })] },
    path: 'providers[1].name',
  },
  {
    name: 'a label twice',
    given: document({}, { directories: [ldap, { ...ldap, search_base: 'b' }] }),
    path: 'directories[1].label',
  },
  {
    name: 'a directory twice',
    given: document({}, { directories: [ldap, { ...ldap, label: 'b' }] }),
    path: 'directories[1].name',
  },
  {
    name: 'a password twice',
    given: document({}, { directories: [{ ...ldap, bind_password: 'a', bind_password_file: 'b' }] }),
    path: 'directories[0].bind_password_file',
  },
  {
    name: 'a server twice for a domain',
    given: document({ servers: [imap, { ...imap, user_name: 'x', domains: ['example.net'] }] }),
    path: 'providers[0].servers[1]',
  },
  {
    name: 'an unusable filter',
    given: document({}, { directories: [{ ...ldap, search_filter: '(mail' }] }),
    path: 'directories[0].search_filter',
  },
];
