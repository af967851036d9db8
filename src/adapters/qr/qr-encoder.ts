import type { Log } from '../../ports/log.ts';
import type { QrEncoder } from '../../ports/qr-encoder.ts';

/** Longer texts make codes that a camera cannot read from a screen. */
const MAX_OCTETS = 600;

/** Light modules on each side (ISO/IEC 18004 section 6.3.8). */
const QUIET_ZONE = 4;

type Encode = typeof import('qr').default;

/** Makes codes by the package qr, which is loaded for the first of them; without the package, which is optional, there are none. */
export function createQrEncoder(log: Log): QrEncoder {
  const load = async (): Promise<Encode | undefined> => {
    try {
      return (await import('qr')).default;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
      log.write('INFO', 'the package qr is not installed: the help page has no QR codes');
      return undefined;
    }
  };
  let loading: Promise<Encode | undefined> | undefined;
  return {
    async encode(text) {
      if (Buffer.byteLength(text) > MAX_OCTETS) return undefined;
      loading ??= load();
      // Medium: up to 15 % of the code may be unreadable, as on a scratched or reflecting screen.
      return (await loading)?.(text, 'raw', { ecc: 'medium', border: QUIET_ZONE });
    },
  };
}
