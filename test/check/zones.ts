import type { Zones } from '../support/nsd-server.ts';
import { type Edits, type Fault, nameOf, type Place, SERVICE_HOST } from './fault.ts';

export type Addresses = Readonly<Record<Place, string>>;

/** Records of a zone by owner, each without the owner: "3600 IN CNAME service.test." */
type Records = Map<string, readonly string[]>;

/** What the operator has published beside the records of ours. */
const OWN: Edits = {
  '@': ['NS ns.service.test.', 'A SITE', 'MX 10 mx', 'CAA 0 issue "letsencrypt.org"'],
  mx: ['A MAIL'],
  imap: ['A MAIL'],
  smtp: ['A MAIL'],
  dav: ['A SITE'],
};

const SERVICE_ZONE: Edits = {
  '@': ['NS ns', 'A SERVICE'],
  ns: ['A DNS'],
  alias: ['CNAME @'],
  autoconfig: ['CNAME @'],
  mx: ['A MAIL'],
};

/** The printed records of one domain; comments and records of other domains are passed over. */
function printedRecords(printed: string, domain: string): Records {
  const records: Records = new Map();
  for (const line of printed.split('\n')) {
    const [, owner, record = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    if (owner === undefined || line.startsWith(';')) continue;
    const relative = owner === `${domain}.` ? '@' : owner.endsWith(`.${domain}.`) && owner.slice(0, -domain.length - 2);
    if (relative !== false) records.set(relative, [...(records.get(relative) ?? []), record]);
  }
  return records;
}

function edit(records: Records, edits: Edits): void {
  for (const [key, lines] of Object.entries(edits)) {
    const [owner = '', type] = key.split(' ');
    const others = (records.get(owner) ?? []).filter((line) => type !== undefined && !line.split(/\s+/).includes(type));
    records.set(owner, [...others, ...lines]);
  }
}

const textOf = (records: Records, addresses: Addresses): string =>
  [...records]
    .flatMap(([owner, lines]) => lines.map((line) => `${owner} ${line}`))
    .join('\n')
    .replaceAll(/ A ([A-Z]+)$/gm, (_, place: Place) => ` A ${addresses[place]}`);

/** A domain's zone: what `automx2 dns` printed, and what is the operator's own, with the fault. */
export function zoneOf(printed: string, fault: Pick<Fault, 'domain' | 'zone'>, addresses: Addresses): string {
  const records = printedRecords(printed, nameOf(fault));
  for (const [owner, lines] of Object.entries(OWN)) records.set(owner, [...(records.get(owner) ?? []), ...lines]);
  edit(records, fault.zone ?? {});
  return textOf(records, addresses);
}

/** That of a domain's parent. */
const PARENT_ZONE: Edits = { '@': ['NS ns.service.test.', 'CAA 0 issue "digicert.com"'] };

/** The zones of all domains, and of the service. */
export const zonesOf = (printed: string, faults: readonly Fault[], addresses: Addresses): Zones => ({
  [SERVICE_HOST]: textOf(new Map(Object.entries(SERVICE_ZONE)), addresses),
  'parent.test': textOf(new Map(Object.entries(PARENT_ZONE)), addresses),
  ...Object.fromEntries(
    faults
      .filter(({ nameserver }) => nameserver !== 'foreign')
      .map((fault) => [nameOf(fault), fault.nameserver === 'broken' ? null : zoneOf(printed, fault, addresses)]),
  ),
});
