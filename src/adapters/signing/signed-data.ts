import { createHash, sign } from 'node:crypto';
import { der, setOf, TAG } from './der.ts';
import type { Material } from './material.ts';

/** The form with a callback signs on a thread of libuv's: the event loop serves others meanwhile. */
const signature = ({ algorithm, key }: Material, octets: Uint8Array): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    sign(algorithm.hash, octets, key, (error, signed) => (error === null ? resolve(signed) : reject(error)));
  });

const oid = (hex: string): Buffer => der(TAG.objectIdentifier, Buffer.from(hex, 'hex'));

/** 1.2.840.113549.1.7 (RFC 5652): .1 and .2; 1.2.840.113549.1.9 (section 11): .3, .4 and .5. */
const DATA = oid('2a864886f70d010701');
const SIGNED_DATA = oid('2a864886f70d010702');
const CONTENT_TYPE = oid('2a864886f70d010903');
const MESSAGE_DIGEST = oid('2a864886f70d010904');
const SIGNING_TIME = oid('2a864886f70d010905');

/** Of SignedData (section 5.1) and SignerInfo (section 5.3): the content is data, the signer is named by issuer and number. */
const VERSION_1 = der(TAG.integer, Uint8Array.of(1));

/** From this year on, GeneralizedTime (section 11.3). */
const YEAR_WITH_FOUR_DIGITS = 2_050;

function timeOf(date: Date): Buffer {
  const text = `${date.toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`;
  return date.getUTCFullYear() < YEAR_WITH_FOUR_DIGITS
    ? der(TAG.utcTime, Buffer.from(text.slice(2)))
    : der(TAG.generalizedTime, Buffer.from(text));
}

const attribute = (type: Uint8Array, value: Uint8Array): Buffer => der(TAG.sequence, type, der(TAG.set, value));

/** ContentInfo with SignedData (RFC 5652 sections 3 and 5) in DER, as `openssl cms -sign -nodetach` writes it. */
export async function signedData(profile: string, time: Date, material: Material): Promise<Uint8Array> {
  const { algorithm, signer, certificates } = material;
  const digest = createHash(algorithm.hash).update(profile).digest();
  const attributes = setOf(TAG.set, [
    attribute(CONTENT_TYPE, DATA),
    attribute(SIGNING_TIME, timeOf(time)),
    attribute(MESSAGE_DIGEST, der(TAG.octetString, digest)),
  ]);
  const octets = await signature(material, attributes);
  // What is signed is a SET; in the document it is [0] (section 5.4).
  attributes[0] = TAG.context0;
  const signerInfo = der(
    TAG.sequence,
    VERSION_1,
    signer,
    algorithm.digest,
    attributes,
    algorithm.signature,
    der(TAG.octetString, octets),
  );
  const signed = der(
    TAG.sequence,
    VERSION_1,
    der(TAG.set, algorithm.digest),
    der(TAG.sequence, DATA, der(TAG.context0, der(TAG.octetString, Buffer.from(profile)))),
    certificates,
    der(TAG.set, signerInfo),
  );
  return der(TAG.sequence, SIGNED_DATA, der(TAG.context0, signed));
}
