import type { Health } from '../../../ports/health.ts';
import type { Route } from '../listener.ts';
import { textReply } from '../reply.ts';

/** For monitors and load balancers: 200 while look-ups can be answered, from memory included. */
export const healthRoute = (health: Health): Route => ({
  format: 'health',
  path: /^\/healthz$/,
  methods: {
    async GET() {
      await health.check();
      return textReply(200, 'ok');
    },
  },
});
