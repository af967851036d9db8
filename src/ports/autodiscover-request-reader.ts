import type { EmailAddress } from '../domain/email-address.ts';

/**
 * Takes the address out of an Autodiscover request ([MS-OXDSCLI] section 2.2.3), given as the bytes of its body.
 * Throws request_malformed, address_missing, address_invalid, or schema_unsupported where settings of another kind
 * than ours are asked for.
 */
export type AutodiscoverRequestReader = (body: Uint8Array) => EmailAddress;
