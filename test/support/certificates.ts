import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './database-server.ts';
import { type Cleanup, temporaryFolder } from './temporary-folder.ts';

/** A certificate with its key, as files and as PEM text. */
export interface Certificate {
  readonly certificateFile: string;
  /** The certificate, and its issuers without the root: what a server should show. */
  readonly chainFile: string;
  readonly keyFile: string;
  /** The certificate alone. */
  readonly certificate: string;
  readonly chain: string;
  readonly key: string;
}

export interface Wish {
  /** DNS names, or values of subjectAltName with their type, such as "IP:127.0.0.1". */
  readonly names: readonly string[];
  /** First and last day of its life, counted from today; [-30, -1]: expired. */
  readonly days?: readonly [from: number, to: number];
  /** Undefined: the root. "self": it signs itself. */
  readonly issuer?: Certificate | 'self';
  /** An intermediate authority. */
  readonly isAuthority?: boolean;
  /** Of its subject; default: none. */
  readonly organization?: string;
  /** A new key of this kind, for this certificate alone; default: P-256, one for all. */
  readonly newKey?: KeyKind;
}

/** As openssl-req(1) has it after -newkey. */
export type KeyKind = 'rsa:2048' | 'rsa:3072' | 'ec:P-256' | 'ec:P-384';

/** An authority of the test's own. */
export interface Certificates {
  /** What clients have to trust. */
  readonly root: Certificate;
  issue(wish: Wish): Certificate;
}

/** Reason for skipping tests with certificates; false: none. */
export const certificatesMissing: string | false =
  findProgram('openssl') === undefined && 'openssl (Debian: openssl) is not installed';

export const ROOT_ORGANIZATION = 'Test Authority Ltd';
const DAY_MS = 86_400_000;
const LIFE: readonly [number, number] = [-1, 90];

/** openssl(1)'s form of a time: YYYYMMDDHHMMSSZ. */
const time = (days: number): string =>
  `${new Date(Date.now() + days * DAY_MS).toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`;

/** `openssl ca` takes any dates, which `openssl x509` of OpenSSL 3.0 does not. */
const configuration = (extensions: readonly string[]): string => `[ca]
default_ca = authority
[authority]
new_certs_dir = .
database = index
rand_serial = yes
default_md = sha256
unique_subject = no
policy = policy
[policy]
organizationName = optional
commonName = optional
[extensions]
${extensions.join('\n')}
`;

/** Makes certificates in a folder that goes when the test ends. */
export function makeCertificates(t: Cleanup): Certificates {
  const folder = temporaryFolder(t);
  const openssl = (...words: readonly string[]): void => {
    execFileSync(findProgram('openssl') ?? 'openssl', words, { cwd: folder, stdio: 'pipe' });
  };
  /** A new key, and a request that `openssl ca` gives other subjects: to start openssl for each takes most of the time. */
  const newKey = (
    name: string,
    kind: KeyKind = 'ec:P-256',
  ): { readonly keyFile: string; readonly requestFile: string } => {
    const [keyFile, requestFile] = [join(folder, `${name}.key`), join(folder, `${name}.csr`)];
    const [type, curve] = kind.split(':');
    const ofKind = type === 'ec' ? ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`] : ['-newkey', kind];
    openssl('req', ...ofKind, '-nodes', '-keyout', keyFile, '-out', requestFile, '-subj', '/CN=any');
    return { keyFile, requestFile };
  };
  let ofOthers: ReturnType<typeof newKey> | undefined;
  let count = 0;

  /** Undefined: it signs itself. */
  const make = (
    subject: string,
    issuer: Certificate | undefined,
    { keyFile, requestFile, ...wish }: Omit<Wish, 'issuer'> & ReturnType<typeof newKey>,
  ): Certificate => {
    count += 1;
    const base = join(folder, String(count));
    const { names, days = LIFE, isAuthority = false } = wish;
    const alternatives = names.map((name) => (name.includes(':') ? name : `DNS:${name}`)).join(',');
    const extensions = [
      `basicConstraints = critical, CA:${isAuthority ? 'TRUE' : 'FALSE'}`,
      ...(names.length === 0 ? [] : [`subjectAltName = ${alternatives}`]),
    ];
    writeFileSync(`${base}.conf`, configuration(extensions));
    writeFileSync(join(folder, 'index'), '');
    openssl(
      ...['ca', '-batch', '-notext', '-config', `${base}.conf`, '-extensions', 'extensions'],
      ...['-startdate', time(days[0]), '-enddate', time(days[1]), '-in', requestFile, '-out', `${base}.pem`],
      ...['-subj', subject],
      ...(issuer === undefined
        ? ['-selfsign', '-keyfile', keyFile]
        : ['-cert', issuer.certificateFile, '-keyfile', issuer.keyFile]),
    );
    const certificate = readFileSync(`${base}.pem`, 'utf8');
    const chain = issuer === undefined || issuer === root ? certificate : certificate + issuer.chain;
    writeFileSync(`${base}.chain`, chain);
    return {
      certificateFile: `${base}.pem`,
      chainFile: `${base}.chain`,
      keyFile,
      certificate,
      chain,
      key: readFileSync(keyFile, 'utf8'),
    };
  };

  const root: Certificate = make(`/O=${ROOT_ORGANIZATION}/CN=Test Root`, undefined, {
    ...newKey('root'),
    names: [],
    isAuthority: true,
  });
  return {
    root,
    issue({ issuer = root, ...wish }) {
      const organization = wish.organization === undefined ? '' : `/O=${wish.organization}`;
      ofOthers ??= newKey('others');
      const own = wish.newKey && newKey(`own${count}`, wish.newKey);
      const subject = `${organization}/CN=${wish.names[0] ?? 'Test Intermediate'}`;
      return make(subject, issuer === 'self' ? undefined : issuer, { ...(own ?? ofOthers), ...wish });
    },
  };
}
