import type { Mutant } from './list.ts';

const of = (name: string): { readonly file: string; readonly test: string } => ({
  file: `src/app/check/${name}.ts`,
  test: `test/app/check/${name}.test.ts`,
});
const answers = of('answers');
const caa = of('caa');
const certificates = of('certificates');
const clients = of('clients');
const context = of('context');
const report = of('report');
const whole = of('check-domain');
const srv = { ...whole, file: 'src/app/check/srv.ts' };
const hosts = { ...whole, file: 'src/app/check/hosts.ts' };
const checkPacc = { ...whole, file: 'src/app/check/pacc.ts' };
const web = { ...whole, file: 'src/app/check/web.ts' };
const ofExtras = (file: string) => ({ file, test: 'test/app/check/extras.test.ts' });
const command = { file: 'src/app/commands/check.ts', test: 'test/app/commands/check.test.ts' };
const digest = {
  file: 'src/domain/formats/pacc-digest.ts',
  test: 'test/domain/formats/pacc.test.ts',
  only: 'digests that are read',
};

/** Changes with which `automx2 check` misleads an operator. */
export const CHECK_MUTANTS: readonly Mutant[] = [
  {
    ...report,
    file: 'src/app/check/finding.ts',
    name: 'what could not be asked is an error',
    from: "this.add(check, 'unknown', owner",
    to: "this.add(check, 'error', owner",
  },
  {
    ...answers,
    name: "this machine's own trouble is the server's",
    from: "if (trouble !== undefined) return { kind: 'unknown', reason: trouble };",
    to: '',
  },
  {
    ...answers,
    name: 'settings behind a certificate that is refused are ours',
    from: "if (fault !== undefined) return { kind: 'certificate', fault };",
    to: '',
  },
  {
    ...answers,
    name: 'settings as a web page are ours',
    from: "if (isHtml(answer.contentType, text)) return { kind: 'html' };",
    to: '',
  },
  {
    ...answers,
    name: 'whatever is no web page is settings',
    from: "if (text !== octets && !sign.test(text)) return { kind: 'html' };",
    to: '',
  },
  {
    ...answers,
    name: 'octets are compared loosely',
    from: "kind: text === octets ? 'ours'",
    to: "kind: text.trim() === octets.trim() ? 'ours'",
  },
  { ...answers, name: 'any success is an answer', from: 'answer.status !== 200', to: 'answer.status >= 300' },
  { ...answers, name: 'a redirect to plain http is followed', from: " || url.protocol !== 'https:'", to: '' },
  { ...answers, name: 'a redirect to any port is followed', from: " || url.port !== ''", to: '' },
  { ...answers, name: 'redirects are followed long', from: 'MAX_HOPS = 3;', to: 'MAX_HOPS = 30;' },
  {
    ...answers,
    name: 'the best of several addresses counts',
    from: "['kind'][] = [\n",
    to: "['kind'][] = [\n  'ours',\n",
  },
  {
    ...answers,
    name: 'a name that could not be asked for has no address',
    from: "addresses.state === 'unknown' ? { kind: 'unknown', reason: addresses.reason }",
    to: "addresses.state === 'unknown' ? { kind: 'no address' }",
  },
  { ...context, name: '--connect is for all names', from: ' && (await isService(context, name))', to: '' },
  {
    ...context,
    name: '--connect is for names with one address of the service',
    from: 'site.every((address)',
    to: 'site.some((address)',
  },
  {
    ...answers,
    file: 'src/app/check/context.ts',
    name: 'a machine without IPv6 knows nothing',
    from: 'others.length > 0 ? others : all',
    to: 'all',
  },
  {
    ...answers,
    file: 'src/app/check/context.ts',
    name: 'a network without a way is a fault of the server',
    from: "  'ENETUNREACH',\n",
    to: '',
  },
  { ...whole, name: 'DNS has no deadline', from: 'timedResolver(dns, within)', to: 'dns' },
  { ...whole, name: 'servers have no deadline', from: 'prober: timedProber(prober, within)', to: 'prober' },
  {
    ...whole,
    name: 'with --connect, another machine is no fault',
    from: 'context.connectTo === undefined ? softened(all) : all',
    to: 'softened(all)',
  },
  { ...whole, name: 'another machine is no fault', from: ' || !isAnswered(finding.owner)', to: '' },
  { ...whole, name: 'nobody knows which name server says so', from: '({ ...finding, view: title })', to: '(finding)' },
  { ...certificates, name: 'days to renew', from: 'SOON_DAYS = 14;', to: 'SOON_DAYS = 13;' },
  {
    ...certificates,
    name: 'one good certificate hides a bad one',
    from: 'certificates.find(',
    to: 'certificates.slice(0, 1).find(',
  },
  {
    ...certificates,
    name: 'the certificate that lasts longest counts',
    from: 'a.validTo.getTime() - b.validTo.getTime()',
    to: 'b.validTo.getTime() - a.validTo.getTime()',
  },
  {
    ...caa,
    name: 'CAA that nobody knows is none',
    from: "if (answer.state === 'unknown') return answer.reason;",
    to: '',
  },
  { ...caa, name: 'parameters are a part of the authority', from: "(each.split(';')[0] ?? '')", to: 'each' },
  {
    ...srv,
    name: 'a wrong SRV record beside the right one is none',
    from: '(wrong.length > 0)',
    to: '(wrong.length > 0 && wrong.length === offers.length)',
  },
  {
    ...srv,
    name: 'SRV of another port is right',
    from: 'rows.some((row) => place(row) === place(record))',
    to: 'rows.some((row) => row.target === record.target)',
  },
  {
    ...srv,
    name: '"." beside others is right',
    from: 'if (offers.length < records.length) {',
    to: 'if (offers.length === 0) {',
  },
  {
    ...ofExtras('src/app/check/oauth2.ts'),
    name: 'an issuer that calls itself otherwise is right',
    from: 'issuer !== oauth2.issuer',
    to: "issuer === ''",
  },
  {
    ...ofExtras('src/app/check/oauth2.ts'),
    name: 'the slash at the end of an issuer stays in the URL of its metadata',
    from: "url.pathname.replace(/\\/$/, '')",
    to: 'url.pathname',
  },
  {
    ...ofExtras('src/app/check/well-known.ts'),
    name: 'a page is a session of JMAP',
    from: ' && /^application\\/json\\b/i.test(answer.contentType)',
    to: '',
  },
  {
    file: 'src/adapters/probe/start-tls.ts',
    test: 'test/adapters/probe/hostile.test.ts',
    name: 'any greeting is one of ManageSieve',
    from: 'demand(await conversation.lineLike(SIEVE_END), /^OK\\b/i, NO_GREETING);',
    to: 'await conversation.lineLike(SIEVE_END);',
  },
  { ...srv, name: 'SRV without row is right', from: "isRow || !isOfMail(service) ? 'note' : 'error'", to: "'note'" },
  {
    ...srv,
    name: 'SRV that nobody knows is none',
    from: "else if (answer.state === 'unknown')\n",
    to: "else if (answer.state === 'unknown' && owner === '')\n",
  },
  {
    ...hosts,
    name: 'a name that nobody knows is none',
    from: "if (host.addresses.state === 'unknown') findings.unknown(check, owner, host.addresses.reason);\n  else if",
    to: 'if',
  },
  {
    ...hosts,
    name: 'one address of the service is enough',
    from: 'if (foreign.length === 0)',
    to: 'if (foreign.length < found.length)',
  },
  {
    ...web,
    file: 'src/app/check/judgements.ts',
    name: 'other settings are right',
    from: "if (outcome.kind === 'ours') findings.ok",
    to: "if (outcome.kind === 'ours' || outcome.kind === 'other') findings.ok",
  },
  {
    ...whole,
    file: 'src/app/check/autodiscover-ways.ts',
    name: 'plain http may lead to plain http',
    from: "to?.protocol === 'https:' && ",
    to: 'to !== null && ',
  },
  {
    ...checkPacc,
    name: 'any digest is right',
    from: 'readPaccDigest(text) === readPaccDigest(record)',
    to: "text !== ''",
  },
  { ...checkPacc, name: 'any TLS is right', from: 'if (protocol === PACC_TLS)', to: "if (protocol !== '')" },
  {
    ...checkPacc,
    name: 'a document without digest works',
    from: 'isRight.every(Boolean)',
    to: 'isRight.some(Boolean)',
  },
  { ...checkPacc, name: 'a document that is elsewhere works', from: ' && hops.length === 0', to: '' },
  {
    ...clients,
    name: 'clients work with other settings',
    from: "if (outcome?.kind === 'ours') {",
    to: "if (outcome?.kind === 'ours' || outcome?.kind === 'other') {",
  },
  {
    ...clients,
    name: 'a client fails where nobody knows',
    from: "if (outcome?.kind === 'unknown') return NOT_KNOWN;",
    to: '',
  },
  { ...clients, name: 'FairEmail follows no SRV without row', from: " || check === 'srv-unused'", to: '' },
  { ...report, name: 'faults are folded', from: "if (finding.severity !== 'ok') return [finding];", to: '' },
  {
    ...report,
    name: '--quiet hides what could not be asked',
    from: "['error', 'warning', 'unknown'];",
    to: "['error', 'warning'];",
  },
  {
    ...report,
    test: 'test/app/check/totals.test.ts',
    name: 'nothing is known, beside what is',
    from: 'if (!isAnswered && ',
    to: 'if (',
  },
  { ...command, name: 'errors end with 0', from: "totals.count('error') > 0 || ", to: '' },
  { ...command, name: 'a domain that is not served ends with 0', from: ' || !isComplete', to: '' },
  {
    ...command,
    name: 'where nothing is known, it ends with 0',
    from: 'totals.isBlind ? EXIT.refused : EXIT.ok',
    to: 'EXIT.ok',
  },
  {
    ...command,
    name: 'a terminal obeys lines',
    from: 'reportLines(result, quiet)) say(escapeUnprintable(line));',
    to: 'reportLines(result, quiet)) say(line);',
    program: 'nsd',
  },
  {
    ...command,
    file: 'src/app/check/report.ts',
    name: 'a terminal obeys JSON',
    from: '      .map(escapeUnprintable)\n',
    to: '',
    program: 'nsd',
  },
  {
    ...digest,
    name: 'two digests in one record',
    from: ' || (tags.has(name) && OWN_TAGS.includes(name))',
    to: '',
  },
  { ...digest, name: 'a digest of another hash', from: " && tags.get('a') === 'sha256'", to: '' },
  { ...digest, name: 'a digest of another version', from: "tags.get('v') === 'UAAC1' && ", to: '' },
  { ...digest, name: 'a record that begins with a blank', from: ' && !/^[ \\t]/.test(text)', to: '' },
  { ...digest, name: 'a digest with bits too many', from: '[AEIMQUYcgkosw048]', to: '[A-Za-z\\d+/]' },
];
