/** Signs configuration profiles, so that devices say whose they are. */
export interface ProfileSigner {
  /** When its certificate ends. */
  readonly validTo: Date;
  /**
   * The signed form of a profile (CMS SignedData in DER, RFC 5652), with the profile in it as it is. Undefined: it is better
   * served unsigned now, as the certificate is out of date. Rejects with signer_busy.
   */
  sign(profile: string): Promise<Uint8Array | undefined>;
}
