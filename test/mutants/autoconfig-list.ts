import type { Mutant } from './list.ts';

const autoconfig = { file: 'src/domain/formats/autoconfig.ts', test: 'test/domain/formats/autoconfig.test.ts' };
const rules = { file: 'src/domain/formats/autoconfig-rules.ts', test: 'test/domain/client-rules.test.ts' };
const mainServer = { ...autoconfig, file: 'src/domain/mail-domain.ts' };

/** Changes with which a client sets up the wrong thing, or nothing, of what a domain offers beside mail. */
export const AUTOCONFIG_MUTANTS: readonly Mutant[] = [
  { ...autoconfig, name: 'JMAP before IMAP', from: "type !== 'smtp') + 1", to: "type === 'none') + 1" },
  { ...autoconfig, name: 'JMAP at the end', from: 'findLastIndex', to: 'findIndex' },
  { ...autoconfig, name: 'a redirect of ActiveSync is a server', from: " && 'url' in activesync ?", to: ' ?' },
  {
    ...autoconfig,
    name: 'a login of its own for JMAP',
    from: 'userName: server.userName };',
    to: 'userName: DEFAULT_USER_NAME };',
  },
  {
    ...autoconfig,
    name: 'OAuth2 is lost over HTTP',
    from: "way === 'OAuth2' ? OAUTH2 : BASIC",
    to: 'way === undefined ? OAUTH2 : BASIC',
  },
  { ...autoconfig, name: 'a text that is empty', from: "text === '' ? [] : ", to: '' },
  {
    ...mainServer,
    name: 'the login of POP3 before that of IMAP',
    from: 'MAIL_TYPES.flatMap',
    to: 'MAIL_TYPES.toReversed().flatMap',
  },
  {
    ...rules,
    name: 'KMail reads the first way',
    from: ".find((way) => way !== 'password-cleartext')",
    to: '.find(() => true)',
  },
  {
    ...rules,
    name: 'OAuth2 counts for Android',
    from: "['password-cleartext', 'password-encrypted']",
    to: "['password-cleartext', 'password-encrypted', 'OAuth2']",
  },
  {
    ...rules,
    name: 'one login beside ManageSieve',
    from: 'extras.managesieve === undefined ? all.at(-1) : mainServer(mailServers)',
    to: 'all.at(-1)',
  },
  {
    ...rules,
    name: 'an issuer without OAuth2',
    from: 'extras.oauth2 === undefined || mailServers.some(hasOAuth2)',
    to: 'extras.oauth2 === undefined || true',
  },
  { ...rules, name: 'a list for any server', from: 'names.includes(serverName(list))', to: 'true' },
];
