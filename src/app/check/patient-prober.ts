import type { Prober } from '../../ports/prober.ts';

/** RFC 6585 section 4: the proxy lets one client make so many requests only, as our sample for nginx does. */
const TOO_MANY_REQUESTS = 429;
/** Code of what was never answered otherwise. */
export const BUSY = 'ETOOMANYREQUESTS';

/** Between requests to an address that has just said so, in milliseconds: the sample lets ten pass in a second. */
const PACE_MS = 110;
/** The pace after an answer that is none of these, as a part of what it was; and where it is no matter any more. */
const FASTER = 0.9;
const NO_PACE_MS = 5;
const MAX_TRIES = 6;

/** Requests to one address, one by one. */
interface Queue {
  paceMs: number;
  last: Promise<void>;
}

/**
 * Asks again where a proxy says that there were too many requests, and asks there one by one for a while: a client asks for
 * one domain, this program for many at once. A domain's time may be over before.
 */
export function patientProber(prober: Prober): Prober {
  const queues = new Map<string, Queue>();
  const turn = async (queue: Queue | undefined): Promise<void> => {
    if (queue === undefined) return;
    // Nobody may wait for it any more.
    queue.last = queue.last.then(() => new Promise((resolve) => setTimeout(resolve, queue.paceMs).unref()));
    await queue.last;
  };
  return {
    request: async (peer, question) => {
      const { address } = peer;
      for (let tries = 1; ; tries++) {
        await turn(queues.get(address));
        const answer = await prober.request(peer, question);
        const queue = queues.get(address) ?? { paceMs: 0, last: Promise.resolve() };
        if (answer.state !== 'answered' || answer.status !== TOO_MANY_REQUESTS) {
          queue.paceMs *= FASTER;
          if (queue.paceMs < NO_PACE_MS) queues.delete(address);
          return answer;
        }
        if (tries === MAX_TRIES) return { state: 'unreachable', code: BUSY };
        queue.paceMs = PACE_MS;
        queues.set(address, queue);
      }
    },
    tls: (peer) => prober.tls(peer),
    startTls: (peer, protocol) => prober.startTls(peer, protocol),
    connect: (peer) => prober.connect(peer),
  };
}
