import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainsOfHost } from '../../src/domain/service-names.ts';

for (const { host, want } of [
  { host: 'autoconfig.example.org', want: ['example.org', 'autoconfig.example.org'] },
  { host: 'autodiscover.example.org', want: ['example.org', 'autodiscover.example.org'] },
  { host: 'ua-auto-config.example.org', want: ['example.org', 'ua-auto-config.example.org'] },
  { host: 'example.org', want: ['example.org'] },
  { host: 'www.example.org', want: ['www.example.org'] },
  { host: 'autoconfig.autoconfig.example', want: ['autoconfig.example', 'autoconfig.autoconfig.example'] },
  { host: 'autoconfig.', want: ['autoconfig'] },
  { host: '', want: [] },
  { host: 'no name', want: [] },
]) {
  test(`the host ${JSON.stringify(host)} speaks for ${want.join(', ') || 'nobody'}`, () =>
    assert.deepEqual(domainsOfHost(host), want));
}
