import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, freePort } from './database-server.ts';
import { type Cleanup, temporaryFolder } from './temporary-folder.ts';

/** A name server of the test's own: real NSD on a loopback address. */
export interface NsdServer {
  readonly address: string;
  readonly port: number;
  /** ADDRESS:PORT */
  readonly server: string;
  stop(): Promise<void>;
}

export interface NsdOptions {
  /** Default: 127.0.0.1. */
  readonly address?: string;
  /** Default: a free one. */
  readonly port?: number;
}

/** The zone has no data: questions about it are answered with SERVFAIL. */
export const BROKEN_ZONE = null;

/**
 * Zones by name (".": the root), as text with names relative to the zone. A SOA record is added, and an NS record if the text has none.
 * A name outside of all zones is REFUSED.
 */
export type Zones = Readonly<Record<string, string | typeof BROKEN_ZONE>>;

/** Reason for skipping tests with a name server; false: none. */
export const nsdMissing: string | false = findProgram('nsd') === undefined && 'nsd (Debian: nsd) is not installed';

const PORT_SETTING = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
const DNS_PORT = 53;

const mayUsePort53 = (): boolean =>
  process.getuid?.() === 0 || (existsSync(PORT_SETTING) && Number(readFileSync(PORT_SETTING, 'utf8')) <= DNS_PORT);

/** Reason for skipping tests whose name servers are found by NS records, which name no port; false: none. */
export const port53Missing: string | false =
  process.platform !== 'linux'
    ? 'needs 127.0.0.0/8 as Linux has it'
    : !mayUsePort53() && 'port 53 needs root, or net.ipv4.ip_unprivileged_port_start = 53 or less';

/** An address for a server of its own, which no other test uses. */
export const loopbackAddress = (): string => `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;

/** A whole zone, as NSD reads it. */
export function zoneText(name: string, text: string): string {
  const hasNs = /(?:^|\s)NS\s/m.test(text);
  return `$ORIGIN ${name === '.' ? name : `${name}.`}
$TTL 3600
@ SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60
${hasNs ? '' : '@ NS ns.invalid.\n'}${text}
`;
}

function configuration(folder: string, address: string, port: number, zones: readonly string[]): string {
  return `server:
  ip-address: ${address}@${port}
  username: ""
  server-count: 1
  database: ""
  zonesdir: "${folder}"
  pidfile: "${folder}/pid"
  xfrdfile: "${folder}/xfrd"
  xfrdir: "${folder}"
  zonelistfile: "${folder}/zonelist"
  logfile: "${folder}/log"
  rrl-ratelimit: 0
  round-robin: no
remote-control:
  control-enable: no
${zones.map((name) => `zone:\n  name: "${name}"\n  zonefile: "${name}.zone"\n`).join('')}`;
}

const START_LIMIT_MS = 20_000;
const POLL_MS = 20;

/** Any answer will do, a refusal too. */
async function answers(server: string): Promise<boolean> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([server]);
  try {
    await resolver.resolve4('started.invalid');
    return true;
  } catch (error) {
    return !['ECONNREFUSED', 'ETIMEOUT'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}

/** Resolves when it answers; stopped when the test ends. */
export async function startNsd(t: Cleanup, zones: Zones, options: NsdOptions = {}): Promise<NsdServer> {
  // Callbacks run in the order in which they are registered: the server ends before its folder goes.
  let stop = async (): Promise<void> => undefined;
  t.after(() => stop());
  const folder = temporaryFolder(t);
  const { address = '127.0.0.1', port = await freePort() } = options;
  for (const [name, text] of Object.entries(zones)) {
    if (text !== BROKEN_ZONE) writeFileSync(join(folder, `${name}.zone`), zoneText(name, text));
  }
  const file = join(folder, 'nsd.conf');
  writeFileSync(file, configuration(folder, address, port, Object.keys(zones)));
  const output = openSync(join(folder, 'output'), 'a');
  const child = spawn(findProgram('nsd') ?? 'nsd', ['-d', '-c', file], { stdio: ['ignore', output, output] });
  closeSync(output);
  const ended = once(child, 'exit');
  stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const server = `${address}:${port}`;
  for (const deadline = Date.now() + START_LIMIT_MS; !(await answers(server)); ) {
    if (child.exitCode !== null || Date.now() > deadline) {
      const logs = ['output', 'log'].map((name) => join(folder, name)).filter(existsSync);
      throw new Error(`nsd did not start:\n${logs.map((path) => readFileSync(path, 'utf8')).join('\n')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { address, port, server, stop };
}
