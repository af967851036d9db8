import type { DomainName } from '../../domain/domain-name.ts';
import { parseWholeNumber } from '../../domain/whole-number.ts';
import { chosenDomains, domainNames } from '../chosen-domains.ts';
import { DEFAULT_TTL, dnsObject, dnsText } from '../dns-report.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import { hostName, OptionError } from '../option-readers.ts';
import type { CommandCall, Configuration } from './command.ts';
import { withSettings } from './with-settings.ts';

type DnsCall = CommandCall<{ readonly service: 'text'; readonly ttl: 'text'; readonly json: 'flag' }>;

/** A week, in seconds: resolvers keep nothing for longer (RFC 8767 section 4). */
const MAX_TTL = 604_800;

/** Characters that are written together: those of all domains would fill the memory, and each alone takes its time. */
const CHUNK_LENGTH = 65_536;

function ttlOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TTL;
  const ttl = parseWholeNumber(text, 0, MAX_TTL);
  if (ttl === undefined) throw new UsageError(`--ttl: must be a whole number from 0 to ${MAX_TTL}, in seconds`);
  return ttl;
}

/** The host name of this service, as the command line or the configuration says. Throws UsageError. */
export function serviceOf(given: string | undefined, { settings: { publicHost } }: Configuration): DomainName {
  let service: DomainName | undefined;
  try {
    service = given === undefined ? publicHost : hostName(given);
  } catch (cause) {
    if (!(cause instanceof OptionError)) throw cause;
    throw new UsageError(`--service: ${cause.describe(`"${given}"`)}`, { cause });
  }
  if (service !== undefined) return service;
  throw new UsageError('the host name of this service is not known: set the option public_host, or use --service HOST');
}

/** Resolves when the text is written, or cannot be; main.ts handles a reader that has gone. */
const written = (stream: NodeJS.WritableStream, text: string): Promise<unknown> =>
  new Promise((resolve) => stream.write(text, resolve));

/** What the domains are printed as, and what stands before, between and behind them. */
const FORMS = {
  text: { print: dnsText, before: '', between: '\n', after: '', none: '' },
  json: {
    print: (...domain: Parameters<typeof dnsObject>) => JSON.stringify([dnsObject(...domain)], null, 2).slice(2, -2),
    before: '[\n',
    between: ',\n',
    after: '\n]\n',
    none: '[]\n',
  },
} as const;

/** Prints what to publish in DNS for some domains, or for all. */
export async function run(call: DnsCall): Promise<ExitStatus> {
  const { service: given, ttl: ttlText, json } = call.options;
  const service = serviceOf(given, call.configuration);
  const ttl = ttlOf(ttlText);
  const names = domainNames(call.words, 'dns');
  const form = json === true ? FORMS.json : FORMS.text;
  const write = (text: string): Promise<unknown> => written(call.surroundings.stdout, text);
  return withSettings(call, 'ERROR', async (settings) => {
    let [isComplete, chunk, separator]: [boolean, string, string] = [true, '', form.before];
    for await (const domain of chosenDomains(settings, names)) {
      if (domain.served === undefined) {
        isComplete = false;
        call.complain(`${domain.name}: ${domain.reason}`);
        continue;
      }
      chunk += separator + form.print(domain.served, service, ttl);
      separator = form.between;
      if (chunk.length < CHUNK_LENGTH) continue;
      await write(chunk);
      chunk = '';
    }
    await write(chunk + (separator === form.before ? form.none : form.after));
    return isComplete ? EXIT.ok : EXIT.failed;
  });
}
