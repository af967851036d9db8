import type { Mutant } from './list.ts';

const page = (name: string, test = name): { readonly file: string; readonly test: string } => ({
  file: `src/adapters/http/pages/${name}.ts`,
  test: `test/adapters/http/pages/${test}.test.ts`,
});
const help = page('help');
const helpPage = page('help-page', 'help');
const style = page('style', 'help');
const languages = page('languages');
const tables = page('settings-tables');
const image = page('qr-image');
const html = { file: 'src/domain/formats/html.ts', test: 'test/domain/formats/html.test.ts' };
const code = { file: 'src/domain/formats/thunderbird-qr.ts', test: 'test/domain/formats/thunderbird-qr.test.ts' };
const encoder = { file: 'src/adapters/qr/qr-encoder.ts', test: 'test/adapters/qr/qr-encoder.test.ts' };
const ofHost = 'which page';
const codes = 'the codes';
const typed = 'what is typed';
const wrong = 'what goes wrong';
const headers = 'headers';

/** Changes with which the page for people misleads them, or lets a stranger write on it. */
export const PAGE_MUTANTS: readonly Mutant[] = [
  {
    ...html,
    name: 'text can hold markup',
    from: "if (typeof node === 'string') return escaped(node);",
    to: "if (typeof node === 'string') return node;",
  },
  { ...html, name: 'a value can end its attribute', from: 'escaped(value)', to: 'value' },
  { ...html, name: 'quotation marks are not escaped', from: '/[&<>"\\r\\n]/g', to: '/[&<>\\r\\n]/g' },
  { ...html, name: 'line ends change', from: '/[&<>"\\r\\n]/g', to: '/[&<>"]/g' },
  { ...html, name: 'control characters', from: '\\x0e-\\x1f\\x7f-\\x9f', to: '\\x7f-\\x9f' },
  { ...html, name: 'text can change its direction', from: '\\u202a-\\u202e\\u2066-\\u2069', to: '' },
  { ...html, name: 'lone surrogates', from: '|\\p{Surrogate}/gu', to: '/gu' },
  {
    ...html,
    name: 'what is left out joins markup',
    from: "escaped = (text: string): string =>\n  text.replace(LEFT_OUT, '').replace(SPECIAL, (character) => REFERENCES[character] ?? '')",
    to: "escaped = (text: string): string =>\n  text.replace(SPECIAL, (character) => REFERENCES[character] ?? '').replace(LEFT_OUT, '$&')",
  },
  {
    ...html,
    name: 'the style can end',
    from: "if (text.includes('</')) throw",
    to: "if (text.includes('</style ')) throw",
  },
  { ...html, name: 'any name', from: 'if (!NAME.test(name)) throw', to: "if (name === '') throw" },
  { ...html, name: 'void elements end', from: 'if (VOID.includes(name)) return text;', to: '' },

  {
    ...code,
    name: 'clear text is as good as TLS',
    from: 'preferEncrypted(servers.filter((server) => server.type === type && isUsable(server)))',
    to: 'servers.find((server) => server.type === type && isUsable(server))',
  },
  { ...code, name: 'a way to log in that the format cannot name', from: ' && isUsable(server)', to: '' },
  {
    ...code,
    name: 'POP3 first',
    from: "choose(mailServers, 'imap') ?? choose(mailServers, 'pop')",
    to: "choose(mailServers, 'pop') ?? choose(mailServers, 'imap')",
  },
  {
    ...code,
    name: 'no server for sending',
    from: 'incoming === undefined || outgoing === undefined',
    to: 'incoming === undefined',
  },
  { ...code, name: 'addresses beyond ASCII', from: '/[^\\x21-\\x7e]/.test(text)', to: 'text === ""' },
  { ...code, name: 'text beyond ASCII', from: '.replace(/[^\\x20-\\x7e]/g', to: '.replace(/[^\\x20-\\uffff]/g' },
  { ...code, name: 'the pattern in place of the login', from: 'server.loginName,', to: 'server.userName,' },
  { ...code, name: 'STARTTLS is TLS', from: 'STARTTLS: 2', to: 'STARTTLS: 3' },
  {
    ...code,
    name: '"auto" is no number',
    from: 'SECURITY[effectiveSocketType(server)]',
    to: 'SECURITY[server.socketType as "SSL"]',
  },
  { ...code, name: 'an empty name', from: 'displayName || text', to: 'displayName ?? text' },

  {
    ...encoder,
    name: 'codes that no camera reads from a screen',
    from: 'Buffer.byteLength(text) > MAX_OCTETS',
    to: 'text.length > MAX_OCTETS',
  },
  { ...encoder, name: 'no quiet zone', from: 'QUIET_ZONE = 4', to: 'QUIET_ZONE = 2' },
  { ...encoder, name: 'the package is looked for each time', from: 'loading ??= load()', to: 'loading = load()' },
  {
    ...encoder,
    name: 'without the package no page',
    from: "if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;",
    to: 'if (error) throw error;',
  },
  { ...encoder, name: 'little can be lost', from: "ecc: 'medium'", to: "ecc: 'low'" },

  { ...image, name: 'rows move', from: 'y}.5${', to: 'y + 1}.5${' },
  { ...image, name: 'the colours of the page', from: "fill: '#fff'", to: "fill: 'none'" },
  { ...image, name: 'nothing for a screen reader', from: "'aria-labelledby': labelId,", to: '' },

  { ...languages, name: 'a refused language', from: ' && quality > 0', to: '' },
  { ...languages, name: 'the last language counts', from: 'b.quality - a.quality', to: 'a.quality - b.quality' },
  { ...languages, name: 'weights do not count', from: '.sort((a, b) => b.quality - a.quality)', to: '' },
  { ...languages, name: 'without a region only', from: 'range.startsWith(', to: '!language && range.startsWith(' },
  {
    ...languages,
    name: 'any word that begins so',
    from: '}-`)',
    to: '}`)',
  },
  { ...languages, name: 'long headers', from: 'acceptLanguage.length > MAX_CHARACTERS || ', to: '' },
  { ...languages, name: 'many ranges', from: ' || ranges.length > MAX_RANGES', to: '' },
  {
    ...languages,
    name: '"*" is no language',
    from: "range === '*' ? BY_DEFAULT : languageOf(range)",
    to: 'languageOf(range)',
  },

  {
    ...tables,
    name: 'the first server, encrypted or not',
    from: 'preferEncrypted(servers.filter((server) => server.type === type))',
    to: 'servers.find((server) => server.type === type)',
  },
  { ...tables, name: 'POP3 is as good as IMAP', from: 'hasImap ? manual.popInstead : manual.pop', to: 'manual.pop' },
  { ...tables, name: 'no POP3', from: ": (['pop', 'smtp'] as const)", to: ": (['smtp'] as const)" },
  {
    ...tables,
    name: 'logins of a directory by pattern',
    from: 'if (usesDirectoryLogins(settings)) return texts.addressFirst;',
    to: '',
  },
  {
    ...tables,
    name: 'placeholders in user names',
    from: 'hasPlaceholder(pattern) ? texts.addressFirst : pattern',
    to: 'pattern',
  },
  {
    ...tables,
    name: 'placeholders in host names',
    from: 'commonHost(server.hostname, domain.name) ?? texts.addressFirst',
    to: 'server.hostname',
  },
  {
    ...tables,
    name: 'placeholders in URLs',
    from: 'hasPlaceholder(server.url) ? texts.addressFirst : server.url',
    to: 'server.url',
  },
  { ...tables, name: 'a login ends the user part of a link', from: 'encodeURIComponent(loginName)', to: 'loginName' },
  { ...tables, name: 'https is http', from: '}s` : type', to: '}` : type' },
  { ...tables, name: 'https for all', from: "protocol === 'https:'", to: "protocol !== ''" },
  { ...tables, name: 'OAuth2 wants a password', from: "OAuth2: 'oauth2'", to: "OAuth2: 'password'" },

  {
    ...style,
    name: 'the style is blocked',
    from: "hash('sha256', STYLE, 'base64')",
    to: "hash('sha256', STYLE.trim(), 'base64')",
    only: headers,
  },
  {
    ...help,
    name: 'what comes from elsewhere is allowed',
    from: "default-src 'none'",
    to: "default-src 'self'",
    only: headers,
  },
  { ...help, name: 'the form goes elsewhere', from: " form-action 'self';", to: '', only: headers },
  {
    ...help,
    name: 'addresses go along to other pages',
    from: "  'Referrer-Policy': 'no-referrer',\n",
    to: '',
    only: headers,
  },
  { ...help, name: 'a cache mixes languages', from: '  ...VARIES_BY_HOST_AND_LANGUAGE,\n', to: '', only: headers },
  {
    file: 'src/adapters/http/listener.ts',
    test: help.test,
    name: 'a cache mixes languages of one host',
    from: '{ ...VARIES_BY_HOST, ...answered.headers }',
    to: '{ ...answered.headers, ...VARIES_BY_HOST }',
    only: headers,
  },
  { ...help, name: 'a name is kept by caches', from: "query.name === '' ? SHARED : {}", to: 'SHARED', only: headers },
  {
    ...help,
    name: 'an address is kept by caches',
    from: 'subject: { domain: user.domain, user }, offers });',
    to: 'subject: { domain: user.domain, user }, offers }, { headers: SHARED });',
    only: headers,
  },
  { ...help, name: 'nobody says when to come again', from: 'headers: failureHeaders(status)', to: '', only: wrong },
  {
    ...help,
    name: 'failures are successes',
    from: '{ status, headers: failureHeaders(status) }',
    to: '{ headers: failureHeaders(status) }',
    only: wrong,
  },
  {
    ...help,
    name: 'long texts of a stranger',
    from: 'query.address.length > MAX_ADDRESS',
    to: 'query.address.length > 9 * MAX_ADDRESS',
    only: wrong,
  },
  { ...help, name: 'long names', from: '.slice(0, MAX_NAME)', to: '', only: typed },
  {
    ...help,
    name: 'a name is cut in the middle of a character',
    from: "[...parameter('name', query.replaceAll('+', '%20'))].slice(0, MAX_NAME).join('')",
    to: "parameter('name', query.replaceAll('+', '%20')).slice(0, MAX_NAME + 1)",
    only: typed,
  },
  { ...help, name: 'blanks of forms', from: "query.replaceAll('+', '%20')", to: 'query', only: typed },
  {
    ...help,
    name: 'a plus in an address is a blank',
    from: "parameter('emailaddress', query)",
    to: "parameter('emailaddress', query.replaceAll('+', '%20'))",
    only: typed,
  },
  {
    ...help,
    name: 'the browser knows better than lang',
    from: 'view.query.language ?? ',
    to: '',
    only: 'the language',
  },
  {
    ...help,
    name: 'a code that leads to any host',
    from: '(await isOwnHost(host, lookup)) ? host : publicHost;',
    to: '(await isOwnHost(host, lookup)) ? host : host;',
    only: codes,
  },
  {
    ...help,
    name: 'a code that never leads to where one asked',
    from: '(await isOwnHost(host, lookup)) ? host : publicHost;',
    to: '(await isOwnHost(host, lookup)) ? publicHost : publicHost;',
    only: codes,
  },
  {
    ...help,
    name: 'a host in other letters than ASCII',
    from: 'const host = parseDomainName(origin.host);',
    to: 'const host = origin.host as DomainName;',
    only: codes,
  },
  {
    ...help,
    name: 'the domain of Host takes the page away',
    from: 'if (error instanceof Failure) return publicHost;\n    throw',
    to: 'throw',
    only: ofHost,
  },
  {
    ...help,
    name: 'a domain without servers is an error',
    from: 'if (error instanceof Failure) return reply(request, { query });',
    to: '',
    only: ofHost,
  },
  {
    ...help,
    name: 'a profile that cannot be made',
    from: 'if (error instanceof Failure) return undefined;',
    to: '',
    only: 'servers that a profile cannot name',
  },
  { ...help, name: 'a code in plain http', from: 'encode(`https:', to: 'encode(`http:', only: codes },
  {
    ...help,
    name: 'the code of another path',
    from: 'request.target.path',
    to: "'/'",
    only: codes,
  },
  { ...help, name: 'no page at /help/', from: '(?:help\\/?)?$/', to: '(?:help)?$/', only: ofHost },
  { ...help, name: 'codes without the name', from: 'account.named(query.name)', to: 'account', only: codes },
  {
    file: 'src/adapters/http/routes.ts',
    test: help.test,
    name: 'the page is always there',
    from: 'helpPage ? helpRoute',
    to: 'true ? helpRoute',
    only: 'help_page = no',
  },

  {
    ...helpPage,
    name: 'search engines keep addresses',
    from: "query.address === '' ? undefined : html('meta', { name: 'robots'",
    to: "query.address !== '' ? undefined : html('meta', { name: 'robots'",
    only: 'what no page holds',
  },
  {
    ...helpPage,
    name: 'links with an address that ends early',
    from: 'encodeURIComponent(value)',
    to: 'value',
    only: typed,
  },
  {
    ...helpPage,
    file: 'src/adapters/http/pages/sections.ts',
    name: 'a button without a profile',
    from: 'if (offers.profileUrl === undefined) return [paragraph(profile.none), byHand(texts)];',
    to: '',
    only: ofHost,
  },
  {
    ...helpPage,
    file: 'src/adapters/http/pages/sections.ts',
    name: 'steps for a code that is not there',
    from: 'code === undefined ? []',
    to: 'code === null ? []',
    only: codes,
  },
  {
    ...helpPage,
    name: 'a domain in A-labels',
    from: 'domainToUnicode(subject.domain.name)',
    to: 'subject.domain.name',
    only: ofHost,
  },
  {
    ...helpPage,
    name: 'the language is forgotten',
    from: "html('input', { type: 'hidden', name: 'lang', value: query.language })",
    to: 'undefined',
    only: typed,
  },
  { ...helpPage, name: 'what was typed is forgotten', from: 'value: query.address,', to: "value: '',", only: wrong },
];
