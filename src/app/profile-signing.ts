import type { MaterialFiles } from '../adapters/signing/material.ts';
import { Failure } from '../domain/failure.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log, LogLevel } from '../ports/log.ts';
import type { ProfileSigner } from '../ports/profile-signer.ts';
import { createGate } from './gate.ts';
import type { Settings } from './options.ts';

/** Signatures at once: half of libuv's threads, so that name look-ups and files do not wait behind them. */
const MAX_SIGNATURES_AT_ONCE = 2;

/** How many profiles wait for their turn, and how long; a person tries again. */
const MAX_WAITING_FOR_SIGNATURE = 500;
const SIGNATURE_WAIT_MS = 2_000;

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Days before the certificate ends from which on the log warns: time enough to see why it was not renewed. */
const WARNING_DAYS = 14;

/** What signs, and how long it may. */
export interface Signature {
  readonly validFrom: Date;
  readonly validTo: Date;
  sign(profile: string, time: Date): Promise<Uint8Array>;
}

/** Signs while the certificate is valid, some profiles at once. Says at once, and then once a day, if it is not, or ends soon. */
export function createSigner({ validFrom, validTo, sign }: Signature, clock: Clock, log: Log): ProfileSigner {
  const gate = createGate(MAX_SIGNATURES_AT_ONCE);
  let waiting = 0;
  let said: { readonly ms: number; readonly message: string } | undefined;
  const say = (now: Date, level: LogLevel, message: string): void => {
    const ms = now.getTime();
    if (said?.message === message && ms - said.ms < DAY_MS) return;
    said = { ms, message };
    log.write(level, message, { from: validFrom.toISOString(), until: validTo.toISOString() });
  };
  /** A signature that has expired looks worse than none. */
  const isValid = (now: Date): boolean => {
    if (now < validFrom || now > validTo) {
      const state = now < validFrom ? 'is not valid yet' : 'has expired';
      say(now, 'ERROR', `the certificate of sign_certificate ${state}: profiles are served unsigned`);
      return false;
    }
    if (validTo.getTime() - now.getTime() < WARNING_DAYS * DAY_MS) {
      say(now, 'WARNING', `the certificate of sign_certificate ends within ${WARNING_DAYS} days`);
    }
    return true;
  };
  isValid(clock.now());
  return {
    validTo,
    async sign(profile) {
      if (!isValid(clock.now())) return undefined;
      if (waiting >= MAX_WAITING_FOR_SIGNATURE) {
        throw new Failure('signer_busy', `${MAX_WAITING_FOR_SIGNATURE} profiles wait for their signatures already`);
      }
      const askedMs = clock.elapsedMs();
      waiting += 1;
      return gate(async () => {
        waiting -= 1;
        if (clock.elapsedMs() - askedMs > SIGNATURE_WAIT_MS) {
          throw new Failure('signer_busy', `a profile waited for its signature for more than ${SIGNATURE_WAIT_MS} ms`);
        }
        return sign(profile, clock.now());
      });
    },
  };
}

/** The signer that the options name; undefined: none, and no code for it is loaded. Rejects with SigningError. */
export async function openSigner(
  { signing: { certificate, key, password } }: Pick<Settings, 'signing'>,
  clock: Clock,
  log: Log,
): Promise<ProfileSigner | undefined> {
  if (certificate === undefined || key === undefined) return undefined;
  const files: MaterialFiles = { certificate, key, password };
  const { loadMaterial } = await import('../adapters/signing/material.ts');
  const { signedData } = await import('../adapters/signing/signed-data.ts');
  const material = loadMaterial(files);
  const { algorithm, chainLength, validFrom, validTo } = material;
  const until = validTo.toISOString();
  // One certificate alone is often a forgotten intermediate.
  log.write('INFO', 'profiles are signed', { key: algorithm.name, certificates: chainLength, until });
  return createSigner({ validFrom, validTo, sign: (profile, time) => signedData(profile, time, material) }, clock, log);
}
