import { randomBytes } from 'node:crypto';
import { DnsResolver } from '../../adapters/dns/dns-resolver.ts';
import { escapeUnprintable } from '../../adapters/log/line-log.ts';
import { SocketProber } from '../../adapters/probe/socket-prober.ts';
import type { ServedDomain } from '../../domain/served-domain.ts';
import { checkDomain, type DomainReport, type View } from '../check/check-domain.ts';
import { type CheckOptions, rememberingProber } from '../check/context.ts';
import { ENDPOINT_FORMS, type Endpoint, readEndpoint } from '../check/endpoint.ts';
import { gatedProber } from '../check/gated-prober.ts';
import { patientProber } from '../check/patient-prober.ts';
import { JsonReports, reportLines, Totals } from '../check/report.ts';
import { type ChosenDomain, chosenDomains, domainNames } from '../chosen-domains.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import { createGate } from '../gate.ts';
import { certificates, OptionError } from '../option-readers.ts';
import type { CommandCall } from './command.ts';
import { serviceOf } from './dns.ts';
import { withProgress } from './progress.ts';
import { withSettings } from './with-settings.ts';

type CheckCall = CommandCall<{
  readonly service: 'text';
  readonly nameserver: 'texts';
  readonly authoritative: 'flag';
  readonly connect: 'text';
  readonly ca: 'file';
  readonly deep: 'flag';
  readonly json: 'flag';
  readonly quiet: 'flag';
}>;

/** Questions to DNS and to servers that are in flight at once, and domains; each domain has its share of the questions. */
const MAX_QUESTIONS = 16;
const MAX_DOMAINS_AT_ONCE = 4;
/** Domains that are read, and whose results may wait for one before them. */
const MAX_DOMAINS_AHEAD = 64;

/** More views of DNS are a mistake. */
const MAX_NAMESERVERS = 8;

/** Octets of a name that nobody has made. */
const STRANGE_OCTETS = 6;

function connectToOf(text: string | undefined): Endpoint | undefined {
  if (text === undefined) return undefined;
  const endpoint = readEndpoint(text);
  if (endpoint !== undefined) return endpoint;
  throw new UsageError(`--connect: "${text}" is not valid; must be ${ENDPOINT_FORMS}`);
}

function trusted(path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : certificates(path);
  } catch (cause) {
    if (!(cause instanceof OptionError)) throw cause;
    throw new UsageError(`--ca: ${cause.describe(`"${path}"`)}`, { cause });
  }
}

function nameservers(given: readonly string[]): readonly string[] {
  const wrong = given.find((text) => readEndpoint(text) === undefined);
  if (wrong !== undefined) {
    throw new UsageError(`--nameserver: "${wrong}" is not valid; must be ${ENDPOINT_FORMS}`);
  }
  if (given.length > MAX_NAMESERVERS) throw new UsageError(`--nameserver: at most ${MAX_NAMESERVERS} of them`);
  return [...new Set(given)];
}

/**
 * Checks domains, some at once, and yields what came of each in the order in which they stand. One that takes long does not
 * keep those behind it from being checked.
 */
async function* inOrder<T, R>(items: AsyncIterable<T>, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const gate = createGate(MAX_DOMAINS_AT_ONCE);
  const running: Promise<R>[] = [];
  for await (const item of items) {
    running.push(gate(() => work(item)));
    const first = running.length < MAX_DOMAINS_AHEAD ? undefined : running.shift();
    if (first !== undefined) yield await first;
  }
  for (const each of running) yield await each;
}

/** Asks DNS and every URL as clients do, and says what keeps them from their settings. */
export async function run(call: CheckCall): Promise<ExitStatus> {
  const { options, complain, say, surroundings } = call;
  const { json = false, quiet = false, authoritative = false, deep = false } = options;
  const service = serviceOf(options.service, call.configuration);
  const checkOptions: CheckOptions & { readonly strangeLabel: string } = {
    service,
    connectTo: connectToOf(options.connect),
    deep,
    now: new Date(),
    strangeLabel: `automx2-${randomBytes(STRANGE_OCTETS).toString('hex')}`,
  };
  if (json && quiet) throw new UsageError('check takes one of --json and --quiet');
  const ca = trusted(options.ca);
  const servers = nameservers(options.nameserver ?? []);
  const names = domainNames(call.words, 'check');
  const gate = createGate(MAX_QUESTIONS);
  const [first, ...others] = servers;
  // Proxies count what all domains together ask.
  const prober = rememberingProber(patientProber(new SocketProber({ gate, ca })));
  // Of one whose servers are mute, the questions must not take the time of the others.
  const share = MAX_QUESTIONS / (names.length === 1 ? 1 : MAX_DOMAINS_AT_ONCE);
  const checkServed = async (served: ServedDomain): Promise<DomainReport> => {
    const [own, mail, over] = [createGate(share), createGate(share / 2), new AbortController()];
    const view = (server: string | undefined): View => ({
      title: server ?? "the system's name servers",
      dns: new DnsResolver({ server, authoritative, gate: (work) => own(() => gate(work)), signal: over.signal }),
    });
    const ownProber = gatedProber(prober, { web: own, mail }, () => over.signal.aborted);
    try {
      return await checkDomain(served, [view(first), ...others.map(view)], ownProber, checkOptions);
    } finally {
      over.abort();
    }
  };
  return withSettings(call, 'ERROR', (settings) =>
    withProgress(surroundings, async (progress) => {
      const totals = new Totals();
      const printJson = new JsonReports(say);
      let isComplete = true;
      const check = async (chosen: ChosenDomain): Promise<DomainReport | string> =>
        chosen.served === undefined ? `${chosen.name}: ${chosen.reason}` : checkServed(chosen.served);
      progress.stage('asking');
      for await (const result of inOrder(chosenDomains(settings, names), check)) {
        if (typeof result === 'string') {
          isComplete = false;
          complain(result);
          continue;
        }
        totals.add(result);
        progress.stage(`checked ${result.domain}`);
        if (json) printJson.add(result);
        else for (const line of reportLines(result, quiet)) say(escapeUnprintable(line));
      }
      if (json) printJson.end();
      else if (!quiet) say(totals.line);
      if (totals.count('error') > 0 || !isComplete) return EXIT.failed;
      return totals.isBlind ? EXIT.refused : EXIT.ok;
    }),
  );
}
