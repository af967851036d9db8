import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A checkout as it is now in a new folder, away from the one whose dist/ other tests may use; node_modules is a link. */
export function copyCheckout(folder: string): void {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  mkdirSync(folder);
  execFileSync('cp', ['--parents', '-t', folder, ...files.toString().split('\0').filter(Boolean)], { cwd: ROOT });
  execFileSync('ln', ['-s', join(ROOT, 'node_modules'), folder]);
}
