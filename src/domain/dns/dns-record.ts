/** SRV (RFC 2782). */
export interface SrvData {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** "": the service is not offered. */
  readonly target: string;
}

export type RecordData =
  | { readonly type: 'CNAME'; readonly target: string }
  | ({ readonly type: 'SRV' } & SrvData)
  | { readonly type: 'TXT'; readonly text: string };

/** A record to publish. Names are A-labels in lower case, without the final dot. */
export type DnsRecord = { readonly owner: string } & RecordData;

/** A name in a zone file (RFC 1035 section 5.1), absolute: it stays right wherever it is copied to. */
const absolute = (name: string): string => `${name}.`;

/** Octets of one character-string (RFC 1035 section 3.3.14) at most. */
const MAX_STRING_OCTETS = 255;

/** One character-string in quotes; what is not printable ASCII as three decimal digits. */
const quoted = (octets: Uint8Array): string =>
  `"${[...octets]
    .map((octet) => {
      if (octet === 0x22 || octet === 0x5c) return `\\${String.fromCharCode(octet)}`;
      return octet >= 0x20 && octet <= 0x7e ? String.fromCharCode(octet) : `\\${String(octet).padStart(3, '0')}`;
    })
    .join('')}"`;

function characterStrings(text: string): string {
  const octets = new TextEncoder().encode(text);
  const count = Math.max(1, Math.ceil(octets.length / MAX_STRING_OCTETS));
  return Array.from({ length: count }, (_, index) => {
    return quoted(octets.subarray(index * MAX_STRING_OCTETS, (index + 1) * MAX_STRING_OCTETS));
  }).join(' ');
}

/** The data of a record as zone files have it. */
export function dataText(data: RecordData): string {
  switch (data.type) {
    case 'CNAME':
      return absolute(data.target);
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${absolute(data.target)}`;
    case 'TXT':
      return characterStrings(data.text);
  }
}

/** A record as a line of a zone file; `ttl` in seconds. */
export const zoneLine = (record: DnsRecord, ttl: number): string =>
  `${absolute(record.owner)} ${ttl} IN ${record.type} ${dataText(record)}`;
