import type { Health, HealthState } from '../../../ports/health.ts';
import type { Route } from '../listener.ts';
import { textReply } from '../reply.ts';

export const HEALTH_PATH = '/healthz';

/** What the answer says; true for a database and for a settings file, which is always at hand. */
const LINES: Readonly<Record<HealthState, string>> = {
  ready: 'ok',
  empty: 'ok: there is no domain yet',
  remembered: 'ok: the database does not answer; known domains are answered from memory',
};

/** The body of an answer with status 200, whichever version gave it. */
export const HEALTHY = /^ok(?:: [ -~]{1,200})?\n$/;

/** For monitors and load balancers: 200 while look-ups can be answered, from memory included. */
export const healthRoute = (health: Health): Route => ({
  format: 'health',
  path: new RegExp(`^${HEALTH_PATH}$`),
  methods: {
    async GET() {
      return textReply(200, LINES[await health.check()]);
    },
  },
});
