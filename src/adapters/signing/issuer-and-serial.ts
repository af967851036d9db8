import { DerError, der, element, TAG } from './der.ts';

/**
 * IssuerAndSerialNumber (RFC 5652 section 10.2.4) of a certificate in DER (RFC 5280 section 4.1). Both are copied as they
 * are, because Node's X509Certificate shows neither without loss: of the serial number a leading zero octet, of the name the
 * types of its strings. Throws DerError.
 */
export function issuerAndSerial(certificate: Uint8Array): Buffer {
  const expect = (at: number, limit: number, tag: number) => {
    const found = element(certificate, at, limit);
    if (found.tag !== tag) throw new DerError(`not the layout of a certificate: tag ${found.tag} at ${at}`);
    return found;
  };
  const outer = expect(0, certificate.length, TAG.sequence);
  const { start, end: limit } = expect(outer.start, outer.end, TAG.sequence);
  // Certificates of version 1 name no version.
  const first = element(certificate, start, limit);
  const serialAt = first.tag === TAG.context0 ? first.end : start;
  const serial = expect(serialAt, limit, TAG.integer);
  const algorithm = expect(serial.end, limit, TAG.sequence);
  const issuer = expect(algorithm.end, limit, TAG.sequence);
  return der(TAG.sequence, certificate.subarray(algorithm.end, issuer.end), certificate.subarray(serialAt, serial.end));
}
