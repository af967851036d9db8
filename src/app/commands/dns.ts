import type { DomainName } from '../../domain/domain-name.ts';
import { parseWholeNumber } from '../../domain/whole-number.ts';
import { chosenDomains, domainNames } from '../chosen-domains.ts';
import { DEFAULT_TTL, dnsObject, dnsText } from '../dns-report.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import { hostName, OptionError } from '../option-readers.ts';
import type { CommandCall, Configuration } from './command.ts';
import { withSettings } from './with-settings.ts';

type DnsCall = CommandCall<{ readonly service: 'text'; readonly ttl: 'text'; readonly json: 'flag' }>;

/** RFC 2181 section 8. */
const MAX_TTL = 2 ** 31 - 1;

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

/** Prints what to publish in DNS for some domains, or for all. */
export async function run(call: DnsCall): Promise<ExitStatus> {
  const { service: given, ttl: ttlText, json } = call.options;
  const service = serviceOf(given, call.configuration);
  const ttl = ttlOf(ttlText);
  const names = domainNames(call.words, 'dns');
  return withSettings(call, 'ERROR', async (settings) => {
    const parts: (string | object)[] = [];
    let isComplete = true;
    for await (const domain of chosenDomains(settings, names)) {
      if (domain.served === undefined) {
        isComplete = false;
        call.complain(`${domain.name}: ${domain.reason}`);
      } else parts.push((json === true ? dnsObject : dnsText)(domain.served, service, ttl));
    }
    call.surroundings.stdout.write(json === true ? `${JSON.stringify(parts, null, 2)}\n` : parts.join('\n'));
    return isComplete ? EXIT.ok : EXIT.failed;
  });
}
