import type { TLSSocket } from 'node:tls';
import type { CertificateSeen } from '../../ports/prober.ts';

/** One name of `subjectaltname`: its type, and its value, which Node.js quotes as JSON where it has commas or quotes. */
const ALTERNATIVE = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy;
const TYPES: readonly string[] = ['DNS', 'IP Address'];

/** Names and addresses out of Node's form: "DNS:a.example, IP Address:192.0.2.1". */
export function alternativeNames(text: string): readonly string[] {
  return [...text.matchAll(ALTERNATIVE)]
    .filter(([, type = '']) => TYPES.includes(type))
    .map(([, , value = '']) => (value.startsWith('"') ? unquoted(value) : value));
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Node.js gives a list where a certificate says the same twice, although its types say otherwise. */
const first = (value: unknown): string | undefined => {
  const [text] = Array.isArray(value) ? value : [value];
  return typeof text === 'string' && text !== '' ? text : undefined;
};

/** What the peer showed in a handshake that accepts any certificate. */
export function certificateSeen(socket: TLSSocket): CertificateSeen {
  const { subject, issuer, subjectaltname, valid_to } = socket.getPeerCertificate();
  const commonName = first(subject?.CN);
  return {
    // A code, although its type says Error.
    fault: socket.authorized ? undefined : String(socket.authorizationError),
    // Without alternative names, Node.js compares with the common name.
    names:
      subjectaltname === undefined ? (commonName === undefined ? [] : [commonName]) : alternativeNames(subjectaltname),
    issuer: first(issuer?.O) ?? first(issuer?.CN) ?? '',
    validTo: new Date(valid_to),
    protocol: socket.getProtocol() ?? '',
  };
}
