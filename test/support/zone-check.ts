import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './database-server.ts';
import { type Cleanup, temporaryFolder } from './temporary-folder.ts';

const program = findProgram('nsd-checkzone');

/** Reason for skipping what needs it; false: none. */
export const noZoneCheck = program === undefined && 'nsd-checkzone (Debian: nsd) is not installed';

/** Has a name server read records as those of a zone; rejects with what it says if it refuses them. */
export async function checkZone(t: Cleanup, zone: string, records: string): Promise<void> {
  const file = join(temporaryFolder(t), 'zone');
  const begin = `${zone}. 3600 IN SOA ns.${zone}. hostmaster.${zone}. 1 3600 600 86400 3600\n`;
  writeFileSync(file, `${begin}${zone}. 3600 IN NS ns.dns.invalid.\n${records}`);
  await promisify(execFile)(program ?? '', [zone, file]);
}
