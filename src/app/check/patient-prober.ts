import type { Prober } from '../../ports/prober.ts';

/** RFC 6585 section 4: the proxy lets one client make so many requests only, as our sample for nginx does. */
const TOO_MANY_REQUESTS = 429;
/** Code of what was never answered otherwise. */
export const BUSY = 'ETOOMANYREQUESTS';

/** Until the next request, in milliseconds, and how often; a domain's time may be over before. */
const WAIT_MS = 1_000;
const MAX_TRIES = 6;

/** Asks again where a proxy says that there were too many requests. A client asks for one domain, this program for all. */
export const patientProber = (prober: Prober): Prober => ({
  request: async (peer, question) => {
    for (let tries = 1; ; tries++) {
      const answer = await prober.request(peer, question);
      if (answer.state !== 'answered' || answer.status !== TOO_MANY_REQUESTS) return answer;
      if (tries === MAX_TRIES) return { state: 'unreachable', code: BUSY };
      // Nobody may wait any more.
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS).unref());
    }
  },
  tls: (peer) => prober.tls(peer),
  startTls: (peer, protocol) => prober.startTls(peer, protocol),
  connect: (peer) => prober.connect(peer),
});
