import { readAutodiscoverRequest } from '../src/adapters/xml/read-autodiscover-request.ts';
import { parseDomainName } from '../src/domain/domain-name.ts';
import { parseEmailAddress } from '../src/domain/email-address.ts';
import { NO_EXTRAS } from '../src/domain/extras.ts';
import { AUTOCONFIG } from '../src/domain/formats/autoconfig.ts';
import { AUTODISCOVER } from '../src/domain/formats/autodiscover.ts';
import { MOBILECONFIG } from '../src/domain/formats/mobileconfig.ts';
import type { MailDomain } from '../src/domain/mail-domain.ts';
import { ServedDomain } from '../src/domain/served-domain.ts';
import { UserAccount } from '../src/domain/user-account.ts';
import { uuidOf } from '../src/domain/uuid.ts';
import { autodiscoverRequest } from '../test/support/test-daemon.ts';

// What the parts of an answer cost by themselves, called time and again: the least that they can cost in a daemon, where
// system calls lie between and caches are cold. Prints microseconds of one core for one call.

const ROUNDS = 9;
const CALLS = 20_000;

function measure(name: string, part: () => { readonly length: number }): void {
  let fastest = Number.POSITIVE_INFINITY;
  let octets = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let call = 0; call < CALLS; call++) octets += part().length;
    fastest = Math.min(fastest, performance.now() - start);
  }
  process.stdout.write(
    `| ${name} | ${((fastest / CALLS) * 1_000).toFixed(2)} | ${Math.round(octets / ROUNDS / CALLS)} |\n`,
  );
}

const name = parseDomainName('bench.example');
if (name === undefined) throw new Error('no domain name');
const server = { authentication: 'password-cleartext', userName: '%EMAILADDRESS%', priority: 10 } as const;
const domain: MailDomain = {
  name,
  siblings: [],
  provider: { id: 1, name: 'Bench', shortName: 'Bench' },
  mailServers: [
    { ...server, id: 1, type: 'imap', hostname: 'imap.bench.example', port: 993, socketType: 'SSL' },
    { ...server, id: 2, type: 'pop', hostname: 'pop.bench.example', port: 995, socketType: 'SSL' },
    { ...server, id: 3, type: 'smtp', hostname: 'smtp.bench.example', port: 587, socketType: 'STARTTLS' },
  ],
  davServers: [],
  directory: undefined,
  extras: NO_EXTRAS,
};
const served = new ServedDomain(domain);
const text = `user@${name}`;
const address = parseEmailAddress(text);
const request = Buffer.from(autodiscoverRequest(text));

process.stdout.write('| part | µs | characters |\n| --- | ---: | ---: |\n');
measure('parseEmailAddress', () => parseEmailAddress(text).localPart);
measure('readAutodiscoverRequest', () => readAutodiscoverRequest(request).address.localPart);
for (const format of [AUTOCONFIG, AUTODISCOVER, MOBILECONFIG]) {
  measure(`${format.name}, written`, () => format.write(new UserAccount(served, address)));
  measure(`${format.name}, filled in`, () => new UserAccount(served, address).document(format));
}
measure('uuidOf', () => uuidOf(text));
