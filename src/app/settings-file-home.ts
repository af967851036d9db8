import { DocumentSettings } from '../adapters/settings-file/document-settings.ts';
import { Failure } from '../domain/failure.ts';
import type { Initdb } from '../ports/initdb.ts';
import type { Home } from './home.ts';
import type { Settings } from './options.ts';
import { readSettingsFile } from './settings-file.ts';

const refuse = async (): Promise<never> => {
  throw new Failure('not_permitted', 'The settings come from a file: edit it, and reload the daemon');
};

/** Nobody changes the operator's file but the operator. */
const NO_INITDB: Initdb = { seedSample: refuse, seedJson: refuse, purge: refuse };

/** A settings document as the daemon's home; it is read again at each reload. */
export function openSettingsFile(file: string, { listDomains }: Pick<Settings, 'listDomains'>): Home {
  const settings = new DocumentSettings(readSettingsFile(file), listDomains === 'all');
  return {
    settings,
    initdb: () => NO_INITDB,
    check: async () => undefined,
    reload: () => settings.replace(readSettingsFile(file)),
  };
}
