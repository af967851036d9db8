import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configured } from '../support/in-process.ts';
import { nsdMissing, startNsd } from '../support/nsd-server.ts';
import { APACHE, CADDY, NGINX } from '../support/proxy-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestDaemon } from '../support/test-daemon.ts';
import { serversOf } from './fault.ts';
import { checked, detailsOf, faultsOf, findings } from './report.ts';

const DOMAIN = 'example.com';
/** One of its own names is that of the service, as where there is one domain only. */
const SERVICE = `autoconfig.${DOMAIN}`;

/** What a proxy has to do with. */
const BY_PROXY = [
  ...['autoconfig', 'autoconfig-by-host', 'autoconfig-web-site', 'autodiscover', 'autodiscover-json'],
  ...['autodiscover-web-site', 'certificate', 'pacc', 'pacc-tls', 'profile', 'redirect'],
];

for (const kind of [NGINX, APACHE, CADDY]) {
  test(`automx2 check is content with ${kind.name} and the sample of contrib/`, {
    skip: kind.missing || nsdMissing,
  }, async (t) => {
    const folder = temporaryFolder(t);
    const settingsFile = join(folder, 'settings.json');
    const servers = serversOf(DOMAIN).filter(({ type }) => type === 'imap' || type === 'smtp');
    const document = { version: 3, providers: [{ name: 'Example', domains: [DOMAIN], servers }] };
    writeFileSync(settingsFile, JSON.stringify(document));
    const command = configured(t, `settings_file = ${settingsFile}\npublic_host = ${SERVICE}`);
    const daemon = await startTestDaemon(t, { settings: { settingsFile, proxyCount: 1 } });
    const proxy = await kind.start(t, { port: daemon.port });
    const ca = command.write('ca.pem', proxy.ca);
    const { out: printed } = await command.run('dns');
    const hosts = ['@', 'autoconfig', 'imap', 'smtp'].map((owner) => `${owner} A 127.0.0.1`).join('\n');
    const { server } = await startNsd(t, { [DOMAIN]: `${printed}\n${hosts}` });
    const words = ['--nameserver', server, '--connect', `127.0.0.1:${proxy.ports.https}`, '--ca', ca];
    const report = (await checked(command, DOMAIN, ...words)).of(DOMAIN);
    const passed = findings(report, 'ok');
    for (const check of BY_PROXY) assert.ok(passed.includes(`${check} ok`), `${check}\n${detailsOf(report)}`);
    assert.deepEqual(
      faultsOf(report).filter((fault) => !fault.startsWith('mail-host ')),
      [],
      detailsOf(report),
    );
  });
}
