import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificate, certificatesMissing, makeCertificates } from '../support/certificates.ts';
import { findProgram } from '../support/database-server.ts';
import { configured } from '../support/in-process.ts';
import { nsdMissing, port53Missing, startNsd, type Zones } from '../support/nsd-server.ts';
import type { Result } from '../support/process.ts';
import { type Cleanup, temporaryFolder } from '../support/temporary-folder.ts';
import { startTestDaemon } from '../support/test-daemon.ts';
import { ESCAPES, type Fault, type Kind, nameOf, SERVICE_HOST, serversOf } from './fault.ts';
import { contextOf, startHung, startMailServers } from './mail-servers.ts';
import { shownFiles, startSites } from './sites.ts';
import { type Addresses, zonesOf } from './zones.ts';

/**
 * Reason for skipping; false: none. Clients ask the web's and the mail's own ports, so the servers must have these; other
 * users than root can have them with: unshare -rn sh -c 'ip link set lo up; npm run test:trouble'.
 */
export const worldMissing: string | false =
  port53Missing ||
  nsdMissing ||
  certificatesMissing ||
  (findProgram('nginx') === undefined && 'nginx (Debian: nginx-light) is not installed');

const DNS_PORT = 53;

/** A mail service with name servers, proxy, daemon and mail servers, as clients reach it. */
export interface World {
  readonly addresses: Addresses;
  /** As --nameserver takes them. */
  readonly nameservers: { readonly current: string; readonly old: string };
  /** Path of what clients have to trust. */
  readonly ca: string;
  readonly zones: Zones;
  run(...words: readonly string[]): Promise<Result>;
}

/** Addresses that no other test uses: one each. */
function takeAddresses(): Addresses {
  const net = `127.${randomInt(1, 255)}.${randomInt(256)}`;
  const places = ['SERVICE', 'SITE', 'OLD', 'LIMITED', 'MAIL', 'PLAIN', 'HUNG', 'NOTHING', 'DNS', 'CACHE'] as const;
  return Object.fromEntries(places.map((place, index) => [place, `${net}.${index + 1}`])) as Addresses;
}

function certificatesFor(t: Cleanup, faults: readonly Fault[]): { ca: string; kinds: Record<Kind, Certificate> } {
  const { root, issue } = makeCertificates(t);
  const names = [SERVICE_HOST, ...faults.map(nameOf)].flatMap((name) => [name, `*.${name}`]);
  const issuer = issue({ names: [], isAuthority: true, organization: "Let's Encrypt" });
  const good = issue({ names, issuer });
  return {
    ca: root.certificateFile,
    kinds: {
      good,
      noIntermediate: good,
      expired: issue({ names, issuer, days: [-30, -1] }),
      tenDays: issue({ names, issuer, days: [-80, 10] }),
      notYet: issue({ names, issuer, days: [1, 90] }),
      otherName: issue({ names: ['www.another.test'], issuer }),
      hostile: issue({ names: [`${ESCAPES}.hostile.test`], issuer }),
      selfSigned: issue({ names, issuer: 'self' }),
    },
  };
}

/** Which certificate a mail host shows: the good one, if no fault says otherwise. */
function kindsOfMailHosts(faults: readonly Fault[]): ReadonlyMap<string, Kind> {
  return new Map(
    faults.flatMap((fault) =>
      Object.entries(fault.mail ?? {}).map(([owner, kind]) => [`${owner}.${nameOf(fault)}`, kind] as const),
    ),
  );
}

/** Zones in which all is as it was long ago: no domain has a record of ours. */
const oldZones = (zones: Zones, addresses: Addresses): Zones =>
  Object.fromEntries(
    Object.keys(zones).map((name) => [
      name,
      `@ NS ns.service.test.\n@ A ${addresses.SITE}\n${name === SERVICE_HOST ? `ns A ${addresses.DNS}` : ''}`,
    ]),
  );

/** Starts all of it; ends when the tests end. */
export async function startWorld(t: Cleanup, faults: readonly Fault[]): Promise<World> {
  const addresses = takeAddresses();
  const { ca, kinds } = certificatesFor(t, faults);
  const settings = {
    version: 3,
    providers: faults.map((fault) => ({
      name: `Provider of ${fault.domain}`,
      domains: [nameOf(fault)],
      servers: (fault.servers ?? serversOf)(nameOf(fault)),
    })),
  };
  const settingsFile = join(temporaryFolder(t), 'settings.json');
  writeFileSync(settingsFile, JSON.stringify(settings));
  const command = configured(t, `settings_file = ${settingsFile}\npublic_host = ${SERVICE_HOST}`);
  const { status, out: printed, err } = await command.run('dns');
  if (status !== 0) throw new Error(`automx2 dns: ${err}`);
  const zones = zonesOf(printed, faults, addresses);
  const mailKinds = kindsOfMailHosts(faults);
  const contexts = new Map(
    Object.entries(kinds).map(([kind, { chain, key }]) => [kind, contextOf({ certificate: chain, key })]),
  );
  const context = (name: string) =>
    contexts.get(mailKinds.get(name) ?? 'good') ?? contextOf({ certificate: kinds.good.chain, key: kinds.good.key });
  const daemon = await startTestDaemon(t, { settings: { settingsFile, proxyCount: 1 } });
  const [current, old] = await Promise.all([
    startNsd(t, zones, { address: addresses.DNS, port: DNS_PORT }),
    startNsd(t, oldZones(zones, addresses), { address: addresses.CACHE, port: DNS_PORT }),
    startSites(t, faults, { addresses, shown: shownFiles(kinds), daemonPort: daemon.port }),
    startMailServers(t, { address: addresses.MAIL, context, hasStartTls: true }),
    startMailServers(t, { address: addresses.PLAIN, context, hasStartTls: false }),
    startHung(t, addresses.HUNG),
  ]);
  return {
    addresses,
    nameservers: { current: current.server, old: old.server },
    ca,
    zones,
    run: (...words) => command.run(...words),
  };
}
