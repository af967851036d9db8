import type { Gate } from '../../ports/gate.ts';
import type { Prober } from '../../ports/prober.ts';
import { UNASKED } from './context.ts';

/**
 * The same prober, each of whose questions passes a gate; those that still wait there when the work is over are not asked.
 * Mail servers have a gate of their own: where a firewall drops what goes to their ports, web servers must not wait for them.
 */
export function gatedProber(
  prober: Prober,
  gates: { readonly web: Gate; readonly mail: Gate },
  isOver: () => boolean,
): Prober {
  const { web, mail } = gates;
  return {
    request: (peer, question) => web(async () => (isOver() ? UNASKED : prober.request(peer, question))),
    tls: (peer) => mail(async () => (isOver() ? UNASKED : prober.tls(peer))),
    startTls: (peer, protocol) => mail(async () => (isOver() ? UNASKED : prober.startTls(peer, protocol))),
    connect: (peer) => mail(async () => (isOver() ? UNASKED : prober.connect(peer))),
  };
}
