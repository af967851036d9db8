import type { MetricsText } from '../../../ports/meter.ts';
import type { Route } from '../listener.ts';

/** Spec: Prometheus, "Exposition formats". */
const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** For Prometheus; never among the routes of clients, but on a listener of its own. */
export const metricsRoute = (metrics: MetricsText): Route => ({
  format: 'metrics',
  path: /^\/metrics$/,
  methods: {
    async GET() {
      return { status: 200, contentType: PROMETHEUS_TEXT, body: await metrics.text(), lengthVaries: true };
    },
  },
});
