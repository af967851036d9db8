import { PACC } from '../../../domain/formats/pacc.ts';
import type { Handler, Route } from '../listener.ts';
import { sharedReply } from '../reply.ts';

/** Where clients of PACC ask, on the host ua-auto-config.DOMAIN (draft-ietf-mailmaint-pacc). */
export const PACC_PATH = '/.well-known/user-agent-configuration.json';

/** The domain is the one that Host names; there is no query, and the answer is the same for everyone. */
const get: Handler = async ({ origin: { host }, lookup, ifNoneMatch }) => {
  const domain = await lookup.host(host);
  return domain && sharedReply(domain.shared(PACC), PACC.contentType, ifNoneMatch);
};

export const paccRoute: Route = {
  format: PACC.name,
  path: new RegExp(`^${PACC_PATH.replaceAll('.', '\\.')}$`),
  methods: { GET: get },
};
