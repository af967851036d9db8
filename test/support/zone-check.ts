import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './database-server.ts';
import { type Cleanup, temporaryFolder } from './temporary-folder.ts';

const program = findProgram('nsd-checkzone');

/** Reason for skipping what needs it; false: none. */
export const noZoneCheck = program === undefined && 'nsd-checkzone (Debian: nsd) is not installed';

/** Has a name server read records as those of a zone; throws with what it says if it refuses them. */
export function checkZone(t: Cleanup, zone: string, records: string): void {
  const file = join(temporaryFolder(t), 'zone');
  const begin = `${zone}. 3600 IN SOA ns.${zone}. hostmaster.${zone}. 1 3600 600 86400 3600\n`;
  writeFileSync(file, `${begin}${zone}. 3600 IN NS ns.dns.invalid.\n${records}`);
  execFileSync(program ?? '', [zone, file], { encoding: 'utf8', stdio: 'pipe' });
}
