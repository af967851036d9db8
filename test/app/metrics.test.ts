import assert from 'node:assert/strict';
import { globSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { METRICS } from '../../src/adapters/metrics/metrics.ts';
import { Metrics, type MetricsSources } from '../../src/app/metrics.ts';
import { Failure } from '../../src/domain/failure.ts';
import { ask as askTarget } from '../support/configured-service.ts';
import { freePort } from '../support/database-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { autodiscoverRequest, EXAMPLE_ROWS, startTestDaemon, type TestDaemonOptions } from '../support/test-daemon.ts';

/** A daemon whose metrics are at a Unix socket. */
async function measured(t: TestContext, { settings, ...options }: TestDaemonOptions = {}) {
  const socket = join(temporaryFolder(t), 'metrics.sock');
  const started = await startTestDaemon(t, {
    rows: EXAMPLE_ROWS,
    settings: { metricsListen: [{ path: socket }], ...settings },
    ...options,
  });
  const scrape = async (): Promise<Scrape> =>
    scrapeOf((await askTarget({ socketPath: socket }, { path: '/metrics' })).body);
  return { ...started, socket, scrape };
}

interface Scrape {
  readonly text: string;
  /** The value of a series, as it is written. */
  readonly value: (series: string) => number | undefined;
  /** The series of a metric that are not 0. */
  readonly counted: (name: string) => Readonly<Record<string, number>>;
}

function scrapeOf(text: string): Scrape {
  const samples = [...text.matchAll(/^([a-z].*) (\S+)$/gm)].map(
    ([, series = '', value]) => [series, Number(value)] as const,
  );
  assert.equal(new Set(samples.map(([series]) => series)).size, samples.length, 'a series stands there twice');
  const values = new Map(samples);
  return {
    text,
    value: (series) => values.get(series),
    counted: (name) =>
      Object.fromEntries(
        samples
          .filter(([series, value]) => series.startsWith(`${name}{`) && value !== 0)
          .map(([series, value]) => [series.slice(name.length), value]),
      ),
  };
}

const seriesOf = (text: string): readonly string[] =>
  [...text.matchAll(/^([a-z].*) \S+$/gm)].map(([, series = '']) => series);

describe('the listener of metrics', () => {
  test('serves them to GET and HEAD, and nothing else; no other listener has them', async (t) => {
    const { socket, base } = await measured(t);
    const ask = (path: string, method: string) => askTarget({ socketPath: socket }, { path, method });
    const { status, body } = await ask('/metrics', 'GET');
    assert.equal(status, 200);
    assert.ok(body.endsWith('\n'));
    assert.deepEqual(await ask('/metrics', 'HEAD'), { status: 200, body: '' });
    assert.equal((await ask('/metrics', 'POST')).status, 405);
    for (const path of ['/', '/healthz', '/metrics/', '/mail/config-v1.1.xml?emailaddress=a@example.com', '/initdb/']) {
      assert.equal((await ask(path, 'GET')).status, 404, path);
    }
    assert.equal((await fetch(`${base}/metrics`)).status, 404);
  });

  test('on TCP, too, beside clients on a Unix socket; a stop ends it', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'clients.sock');
    const { daemon, log } = await startTestDaemon(t, {
      rows: EXAMPLE_ROWS,
      settings: { listen: [{ path }], metricsListen: [{ host: '127.0.0.1', port: 0 }] },
    });
    const [, port] = /metrics are served address=127\.0\.0\.1 port=(\d+)/.exec(log.join('')) ?? [];
    assert.equal((await askTarget({ socketPath: path }, { path: '/healthz' })).status, 200);
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const { value } = scrapeOf(await answer.text());
    assert.equal(value('automx2_http_requests_total{route="health",method="GET",code="200"}'), 1);
    await daemon.stop();
    await assert.rejects(fetch(`http://127.0.0.1:${port}/metrics`));
  });

  test('a place that is taken stops the start, and nothing stays open', async (t) => {
    const { socket } = await measured(t);
    await assert.rejects(measured(t, { settings: { metricsListen: [{ path: socket }] } }), {
      code: 'EADDRINUSE',
      message: /^metrics_listen /,
    });
  });

  test('processes that share a port do not share that of their metrics', async (t) => {
    const port = await freePort();
    const settings = { reusePort: true, metricsListen: [{ host: '127.0.0.1', port }] };
    await measured(t, { settings });
    await assert.rejects(measured(t, { settings }), { code: 'EADDRINUSE' });
  });
});

describe('requests', () => {
  test('are counted exactly, while scrapes go on', async (t) => {
    const { base, scrape } = await measured(t);
    const ask = async (path: string, init?: RequestInit): Promise<void> => {
      await (await fetch(base + path, init)).arrayBuffer();
    };
    const ROUNDS = 40;
    let isOver = false;
    const scraping = (async () => {
      let before = 0;
      while (!isOver) {
        const { value } = await scrape();
        const now = value('automx2_lookup_duration_seconds_count') ?? 0;
        assert.ok(now >= before);
        before = now;
      }
    })();
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all([
        ask('/mail/config-v1.1.xml?emailaddress=a@example.com'),
        ask('/mail/config-v1.1.xml?emailaddress=a@unknown.example'),
        ask('/mail/config-v1.1.xml?emailaddress=nonsense', { method: 'HEAD' }),
        ask('/autodiscover/autodiscover.xml', { method: 'POST', body: autodiscoverRequest('a@example.net') }),
        ask('/mobileconfig/?emailaddress=a@example.com'),
        ask('/mobileconfig/', { method: 'PUT' }),
        ask('/nothing-here'),
      ]);
    }
    isOver = true;
    await scraping;
    const { counted, value } = await scrape();
    assert.deepEqual(counted('automx2_http_requests_total'), {
      '{route="autoconfig",method="GET",code="200"}': ROUNDS,
      '{route="autoconfig",method="GET",code="404"}': ROUNDS,
      '{route="autoconfig",method="HEAD",code="400"}': ROUNDS,
      '{route="autodiscover",method="POST",code="200"}': ROUNDS,
      '{route="mobileconfig",method="GET",code="200"}': ROUNDS,
      '{route="mobileconfig",method="other",code="405"}': ROUNDS,
      '{route="none",method="GET",code="404"}': ROUNDS,
    });
    assert.equal(value('automx2_http_request_duration_seconds_count{route="autoconfig"}'), 3 * ROUNDS);
    assert.deepEqual(counted('automx2_lookups_total'), {
      '{result="served"}': 3 * ROUNDS,
      '{result="unknown"}': ROUNDS,
    });
    assert.equal(value('automx2_lookup_duration_seconds_count'), 4 * ROUNDS);
    const [hits = 0, misses = 0] = ['hits', 'misses'].map((kind) => value(`automx2_cache_${kind}_total`));
    assert.equal(hits + misses, 4 * ROUNDS);
    assert.ok(misses >= 3 && hits > misses);
    assert.deepEqual(counted('automx2_cache_entries'), { '{kind="domain"}': 2, '{kind="other"}': 1 });
    assert.ok((value('automx2_http_connections') ?? 0) >= 1);
  });

  test('add no series, and leave no trace in the text, whatever strangers send', async (t) => {
    const { raw, scrape } = await measured(t);
    const before = seriesOf((await scrape()).text);
    const line = (text: string, host = 'x'): string => `${text} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const answers = [
      await raw(line('GET /stranger-path/%22%7D%0a')),
      await raw(line('GET /mail/config-v1.1.xml?emailaddress=stranger@stranger.example')),
      await raw(line('GET /.well-known/autoconfig/mail/config-v1.1.xml', 'autoconfig.stranger.example')),
      await raw(line('PROPFIND /stranger-path')),
      await raw(line('MKCALENDAR /mail/config-v1.1.xml')),
      await raw(line('GET http://stranger.example/metrics')),
      await raw(line('GET /constructor')),
    ];
    assert.ok(answers.every((answer) => answer.startsWith('HTTP/1.1 ')));
    const { text, value } = await scrape();
    assert.deepEqual(seriesOf(text), before);
    assert.doesNotMatch(text, /stranger|PROPFIND|MKCALENDAR|constructor|example|@/);
    assert.equal(value('automx2_http_requests_total{route="none",method="other",code="404"}'), 1);
    assert.equal(value('automx2_http_requests_total{route="autoconfig",method="other",code="405"}'), 1);
  });
});

test('what is there from the start: every metric, and every status that the source can answer', async (t) => {
  const { scrape } = await measured(t);
  const { text, value } = await scrape();
  const named = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  const always = Object.keys(METRICS).filter((name) => name !== 'automx2_signing_certificate_expiry_timestamp_seconds');
  assert.deepEqual(named, always);
  const folder = fileURLToPath(new URL('../../src/adapters/http', import.meta.url));
  const source = globSync('**/*.ts', { cwd: folder }).map((file) => readFileSync(join(folder, file), 'utf8'));
  const codes = new Set([...source.join('\n').matchAll(/(?:status: |textReply\()(\d{3})\b/g)].map(([, code]) => code));
  assert.ok(codes.size > 10);
  for (const code of [...codes, 'other']) {
    for (const route of ['none', 'autoconfig', 'help', 'caldav']) {
      assert.equal(value(`automx2_http_requests_total{route="${route}",method="GET",code="${code}"}`), 0, code);
    }
  }
  const page = readFileSync(new URL('../../doc/metrics.md', import.meta.url), 'utf8');
  const said = /(\d+) routes with (\d+) methods and (\d+) codes each are (\d+) series/.exec(page)?.slice(1).map(Number);
  const values = ['route', 'method', 'code'].map(
    (label) => new Set(text.match(new RegExp(`\\b${label}="[^"]*"`, 'g'))).size,
  );
  assert.deepEqual(said, [
    ...values,
    seriesOf(text).filter((each) => each.startsWith('automx2_http_requests_')).length,
  ]);
  for (const result of ['served', 'unknown', 'failed', 'stale']) {
    assert.equal(value(`automx2_lookups_total{result="${result}"}`), 0);
  }
});

describe('the store', () => {
  test('away: it is down, known domains are stale, others fail', async (t) => {
    const { base, file, scrape } = await measured(t, {
      settings: { cache: { cacheSeconds: 0, staleSeconds: 3_600 } },
    });
    const ask = async (domain: string): Promise<number> =>
      (await fetch(`${base}/mail/config-v1.1.xml?emailaddress=a@${domain}`)).status;
    assert.equal(await ask('example.com'), 200);
    assert.equal((await scrape()).value('automx2_store_up'), 1);
    renameSync(file, `${file}.away`);
    assert.equal(await ask('login.example'), 503);
    assert.equal(await ask('example.com'), 200);
    const { counted, value } = await scrape();
    assert.equal(value('automx2_store_up'), 0);
    assert.deepEqual(counted('automx2_lookups_total'), {
      '{result="served"}': 1,
      '{result="failed"}': 1,
      '{result="stale"}': 1,
    });
  });
});

test('a reload: whether the last one succeeded, and when one did; a route that it brings', async (t) => {
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  const clock = { now: () => new Date(nowMs), elapsedMs: () => performance.now() };
  const { daemon, scrape, settings } = await measured(t, { clock });
  const state = async (): Promise<readonly unknown[]> => {
    const { value } = await scrape();
    return [
      value('automx2_config_last_reload_successful'),
      value('automx2_config_last_reload_success_timestamp_seconds'),
      value('automx2_http_requests_total{route="root",method="GET",code="200"}'),
    ];
  };
  const start = nowMs / 1_000;
  assert.deepEqual(await state(), [1, start, undefined]);
  nowMs += 1_000;
  daemon.reloadEnded(false);
  assert.deepEqual(await state(), [0, start, undefined]);
  await daemon.reload({ ...settings, helpPage: false });
  daemon.reloadEnded(true);
  assert.deepEqual(await state(), [1, start + 1, 0]);
});

describe('around other parts', () => {
  const sources = (change: Partial<MetricsSources> = {}): MetricsSources => ({
    cache: {
      check: async () => 'ready',
      counts: { all: 0, misses: 0, stale: 0, domains: 0, others: 0 },
    } as unknown as MetricsSources['cache'],
    connections: () => 0,
    signedUntil: () => undefined,
    clock: { now: () => new Date(), elapsedMs: () => 0 },
    ...change,
  });
  const opened = (t: TestContext, change?: Partial<MetricsSources>): Metrics => {
    const metrics = new Metrics(sources(change));
    t.after(() => metrics.stop());
    return metrics;
  };

  test("the certificate's end is there only if profiles are signed", async (t) => {
    const name = 'automx2_signing_certificate_expiry_timestamp_seconds';
    assert.equal(scrapeOf(await opened(t).text()).value(name), undefined);
    const signed = opened(t, { signedUntil: () => new Date(1_000_000) });
    assert.equal(scrapeOf(await signed.text()).value(name), 1_000);
  });

  test('a directory: what it says is passed on, and counted', async (t) => {
    const metrics = opened(t);
    const failure = new Failure('directory_unavailable', 'no');
    const answers = [{ attributes: {} }, undefined, failure];
    let isClosed = false;
    const watched = metrics.watchDirectory({
      async find() {
        const answer = answers.shift();
        if (answer instanceof Failure) throw answer;
        return answer as never;
      },
      async close() {
        isClosed = true;
      },
    });
    assert.deepEqual(await watched.find({} as never, {} as never), { attributes: {} });
    assert.equal(await watched.find({} as never, {} as never), undefined);
    await assert.rejects(watched.find({} as never, {} as never), failure);
    await watched.close();
    assert.ok(isClosed);
    assert.deepEqual(scrapeOf(await metrics.text()).counted('automx2_directory_searches_total'), {
      '{result="found"}': 1,
      '{result="unknown"}': 1,
      '{result="failed"}': 1,
    });
  });
});
