import { eachMailServer, missing } from './formats/client-rule.ts';
import type { ClientRule, DocumentDomain, Finding } from './formats/format.ts';
import { FORMATS } from './formats/index.ts';
import { isFullName } from './host-name.ts';
import { mailRow } from './mail-domain.ts';
import { fillPlaceholders, withSampleParts } from './placeholders.ts';

/** The name of a server as a user of the domain has it. */
const filled = (hostname: string, { name }: DocumentDomain): string =>
  fillPlaceholders(hostname, { localPart: 'x', domain: name });

/** RFC 2606 section 3 keeps these for documentation: nobody's mail server has such a name. */
const isForExamples = (name: string): boolean => /(?:^|\.)example\.(?:com|net|org)$/i.test(name);

/** Rules that belong to no single format. */
const GENERAL_RULES: readonly ClientRule[] = [
  {
    clients: 'every client',
    reason: 'there is no mail server, and requests are answered with 404 (Autodiscover: Error 500)',
    remedy: 'link at least one row of type imap and one of type smtp to the domain in server_domain',
    broken: missing((types) => types.length === 0),
  },
  {
    // Thunderbird: readFromXML needs one incomingServer; profiles: EmailAccountType has no other value.
    clients: 'every client',
    reason:
      'there is neither an IMAP nor a POP3 server: Thunderbird drops the whole answer, whatever else it holds, and no ' +
      'Apple profile for mail can be made',
    remedy: 'link a server of type imap to the domain in server_domain',
    broken: missing((types) => types.length > 0 && types.every((type) => type === 'smtp')),
  },
  {
    clients: 'Thunderbird for Android, GNOME Online Accounts, FairEmail, Nextcloud Mail, SnappyMail, aerc',
    reason: 'they set up IMAP only, and the domain has no IMAP server',
    remedy: 'link a server of type imap to the domain in server_domain',
    broken: missing((types) => types.includes('pop') && !types.includes('imap')),
  },
  {
    clients: 'Thunderbird, Thunderbird for Android, GNOME Online Accounts, FairEmail, SnappyMail, iPhone, iPad, Mac',
    reason: 'they drop the whole answer if there is no SMTP',
    remedy: 'link a server of type smtp to the domain in server_domain',
    broken: missing((types) => types.length > 0 && !types.includes('smtp')),
  },
  {
    // FairEmail is content with the first incoming server; SnappyMail takes the first; so does Thunderbird over
    // Autodiscover.
    clients: 'FairEmail, SnappyMail, Thunderbird over Autodiscover',
    reason: 'they take the first incoming server, and it is not IMAP',
    remedy: 'give these a higher prio than the server of type imap has',
    broken: ({ settings }) => {
      const incoming = settings.mailServers.filter(({ type }) => type !== 'smtp');
      const firstImap = incoming.findIndex(({ type }) => type === 'imap');
      return firstImap < 1 ? undefined : incoming.slice(0, firstImap).map(mailRow);
    },
  },
  {
    // %EMAILADRESS%, for example: nobody fills it.
    clients: 'every client',
    reason: 'a login or host name holds something like a placeholder that does not exist',
    remedy: 'use %EMAILADDRESS%, %EMAILLOCALPART% or %EMAILDOMAIN%',
    broken: eachMailServer(({ hostname, userName }) => /%\w+%/.test(withSampleParts(`${hostname} ${userName}`))),
  },
  {
    // draft-ietf-mailmaint-autoconfig, "hostname": a fully qualified domain name.
    clients: 'every client',
    reason: 'the name of a server is an address or a single label, and Autoconfig requires a full host name',
    remedy: 'set name to the host name in full, as the certificate has it',
    broken: eachMailServer(({ hostname }, domain) => !isFullName(filled(hostname, domain))),
  },
  {
    clients: 'every client',
    reason: 'the name of a server is under example.com, example.net or example.org, which are for documentation only',
    remedy: 'set name to the host name of your own server',
    broken: eachMailServer(({ hostname }, { name }) => isForExamples(hostname) && !isForExamples(name)),
  },
];

const RULES = [...GENERAL_RULES, ...FORMATS.flatMap(({ rules }) => rules)];

/** What known clients cannot use in the settings of a domain. */
export function clientFindings(domain: DocumentDomain): readonly Finding[] {
  return RULES.flatMap(({ broken, ...words }) => {
    const rows = broken(domain);
    return rows === undefined ? [] : [{ ...words, rows }];
  });
}
