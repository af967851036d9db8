/** Where to connect, and the name that is meant: for TLS (SNI, certificate) and for Host. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  readonly name: string;
}

/**
 * Nothing came of a connection. The system's code, such as ECONNREFUSED; ETIMEDOUT: too late; HPE_...: no HTTP; EPROTO:
 * more than the protocol allows, or something else. Before STARTTLS, ENOGREETING: a greeting that refuses us, or is of
 * another protocol; ENOSTARTTLS: STARTTLS is refused.
 */
export interface Unreachable {
  readonly state: 'unreachable';
  readonly code: string;
}

export interface CertificateSeen {
  /** What is wrong with it for the peer's name, as a code of Node's TLS, such as CERT_HAS_EXPIRED; undefined: nothing. */
  readonly fault: string | undefined;
  /** Names that it is for, as strangers wrote them. */
  readonly names: readonly string[];
  /** Organization of the issuer, or its common name. */
  readonly issuer: string;
  readonly validTo: Date;
  /** "TLSv1.3" */
  readonly protocol: string;
}

/** A handshake that came to its end, whether the certificate is right or not. */
export type TlsAnswer = { readonly state: 'connected'; readonly certificate: CertificateSeen } | Unreachable;

export interface HttpQuestion {
  readonly scheme: 'http' | 'https';
  readonly method: 'GET' | 'POST';
  /** Path with query. */
  readonly path: string;
  /** For Host, and to connect to, where it is not the scheme's. */
  readonly port?: number;
  /** Whichever domain it is asked for, it is the same question, and one answer is enough. */
  readonly isShared?: true;
  readonly contentType?: string;
  readonly body?: string;
  /** Octets of the body that is expected, where it may be long. */
  readonly expectedOctets?: number;
}

export type HttpAnswer =
  | {
      readonly state: 'answered';
      readonly status: number;
      /** "" where there is none. */
      readonly contentType: string;
      readonly location: string;
      readonly body: Uint8Array;
      /** Undefined: plain http. */
      readonly certificate: CertificateSeen | undefined;
    }
  | Unreachable;

/** Protocols that begin in clear text and go over to TLS. */
export type StartTlsProtocol = 'imap' | 'pop' | 'smtp' | 'sieve';

/** Asks servers as clients do, but looks at what a client would turn away from, too. No method rejects, none hangs. */
export interface Prober {
  /** One request, no redirect followed. Of the body no more than is expected, and one octet, or some ten thousand. */
  request(peer: Peer, question: HttpQuestion): Promise<HttpAnswer>;
  /** TLS from the start. */
  tls(peer: Peer): Promise<TlsAnswer>;
  /** STARTTLS. */
  startTls(peer: Peer, protocol: StartTlsProtocol): Promise<TlsAnswer>;
  /** Whether anything listens. */
  connect(peer: Peer): Promise<{ readonly state: 'connected' } | Unreachable>;
}
