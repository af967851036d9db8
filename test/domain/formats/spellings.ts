/**
 * The table "One server, four spellings" of the design, a row for each word that an operator may have stored.
 * The test of each format reads its own column.
 */
export const SOCKET_TYPES = [
  { word: 'SSL', port: 143, autoconfig: 'SSL', autodiscover: { SSL: 'on', Encryption: 'SSL' }, useSsl: true },
  { word: 'TLS', port: 143, autoconfig: 'SSL', autodiscover: { SSL: 'on', Encryption: 'SSL' }, useSsl: true },
  { word: 'SSL/TLS', port: 587, autoconfig: 'SSL', autodiscover: { SSL: 'on', Encryption: 'SSL' }, useSsl: true },
  { word: 'STARTTLS', port: 993, autoconfig: 'STARTTLS', autodiscover: { SSL: 'on', Encryption: 'TLS' }, useSsl: true },
  { word: 'plain', port: 993, autoconfig: 'plain', autodiscover: { SSL: 'off', Encryption: 'None' }, useSsl: false },
  { word: 'none', port: 993, autoconfig: 'plain', autodiscover: { SSL: 'off', Encryption: 'None' }, useSsl: false },
  { word: 'Auto', port: 465, autoconfig: 'SSL', autodiscover: { SSL: 'on', Encryption: 'Auto' }, useSsl: true },
  { word: 'Auto', port: 993, autoconfig: 'SSL', autodiscover: { SSL: 'on', Encryption: 'Auto' }, useSsl: true },
  { word: 'Auto', port: 995, autoconfig: 'SSL', autodiscover: { SSL: 'on', Encryption: 'Auto' }, useSsl: true },
  { word: 'Auto', port: 587, autoconfig: 'STARTTLS', autodiscover: { SSL: 'on', Encryption: 'Auto' }, useSsl: true },
  { word: '', port: 465, autoconfig: 'SSL', autodiscover: { SSL: 'on', Encryption: 'SSL' }, useSsl: true },
  { word: '', port: 993, autoconfig: 'SSL', autodiscover: { SSL: 'on', Encryption: 'SSL' }, useSsl: true },
  { word: '', port: 995, autoconfig: 'SSL', autodiscover: { SSL: 'on', Encryption: 'SSL' }, useSsl: true },
  { word: '', port: 143, autoconfig: 'STARTTLS', autodiscover: { SSL: 'on', Encryption: 'TLS' }, useSsl: true },
] as const;

/** `apple` undefined: a profile cannot name such a server. */
export const AUTHENTICATIONS = [
  { word: 'plain', autoconfig: 'password-cleartext', spa: 'off', authRequired: 'on', apple: 'EmailAuthPassword' },
  {
    word: 'password-cleartext',
    autoconfig: 'password-cleartext',
    spa: 'off',
    authRequired: 'on',
    apple: 'EmailAuthPassword',
  },
  { word: '', autoconfig: 'password-cleartext', spa: 'off', authRequired: 'on', apple: 'EmailAuthPassword' },
  { word: 'secure', autoconfig: 'password-encrypted', spa: 'off', authRequired: 'on', apple: 'EmailAuthCRAMMD5' },
  {
    word: 'password-encrypted',
    autoconfig: 'password-encrypted',
    spa: 'off',
    authRequired: 'on',
    apple: 'EmailAuthCRAMMD5',
  },
  { word: 'CRAM-MD5', autoconfig: 'password-encrypted', spa: 'off', authRequired: 'on', apple: 'EmailAuthCRAMMD5' },
  { word: 'NTLM', autoconfig: 'NTLM', spa: 'on', authRequired: 'on', apple: 'EmailAuthNTLM' },
  { word: 'none', autoconfig: 'none', spa: 'off', authRequired: 'off', apple: 'EmailAuthNone' },
  { word: 'OAuth2', autoconfig: 'OAuth2', spa: 'off', authRequired: 'on', apple: 'EmailAuthPassword' },
  { word: 'GSSAPI', autoconfig: 'GSSAPI', spa: 'off', authRequired: 'on', apple: undefined },
  { word: 'TLS-client-cert', autoconfig: 'TLS-client-cert', spa: 'off', authRequired: 'on', apple: undefined },
  { word: 'client-IP-address', autoconfig: 'client-IP-address', spa: 'off', authRequired: 'on', apple: undefined },
] as const;
