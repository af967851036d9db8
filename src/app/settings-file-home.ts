import { resolve } from 'node:path';
import { DocumentSettings } from '../adapters/settings-file/document-settings.ts';
import { counted } from '../domain/counted.ts';
import { Failure } from '../domain/failure.ts';
import type { Initdb } from '../ports/initdb.ts';
import type { Log } from '../ports/log.ts';
import { readablePassword } from './exposure.ts';
import type { Home } from './home.ts';
import type { Settings } from './options.ts';
import { readSettingsFile, type SettingsFile } from './settings-file.ts';

const refuse = (): never => {
  throw new Failure('not_permitted', 'The settings come from a file: edit it, and reload the daemon');
};

/** Nobody changes the operator's file but the operator. */
const NO_INITDB: Initdb = { assertDatabase: refuse, seedSample: refuse, seedJson: refuse, purge: refuse };

/** A settings document as the daemon's home; it is read again at each reload. */
export function openSettingsFile(file: string, { listDomains }: Pick<Settings, 'listDomains'>, log: Log): Home {
  const summary = ({ rows }: SettingsFile): string =>
    `${file}: ${counted(rows.provider.length, 'provider')}, ${counted(rows.domain.length, 'domain')}`;
  const report = (content: SettingsFile): void => {
    log.write('INFO', summary(content));
    if (content.rows.domain.length === 0) log.write('WARNING', `${file} has no domain, so every look-up fails`);
    for (const line of content.withPasswords.flatMap((path) => readablePassword(path))) log.write('WARNING', line);
  };
  if (!file.startsWith('/')) log.write('WARNING', 'settings_file names a relative path', { file: resolve(file) });
  const content = readSettingsFile(file);
  report(content);
  const settings = new DocumentSettings(content.rows, listDomains === 'all');
  return {
    settings,
    summary: summary(content),
    initdb: () => NO_INITDB,
    check: async () => undefined,
    reload() {
      const next = readSettingsFile(file);
      settings.replace(next.rows);
      report(next);
    },
  };
}
