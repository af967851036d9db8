import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findProgram } from './database-server.ts';
import { reportMissing } from './server-database.ts';

const python = findProgram('python3');
const MISSING = 'python3 (Debian: python3) is not installed';
reportMissing(MISSING, python === undefined);

/** Why a test that needs a judge is skipped, or false. */
export const NO_JUDGE = python === undefined && MISSING;

/** Parsers of another language: hands documents over, and tells at the end which were not well-formed. */
export function startJudge() {
  const script = fileURLToPath(new URL('document-judge.py', import.meta.url));
  const child = spawn(python ?? '', [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  after(() => child.exitCode ?? child.kill());
  let [said, handed] = ['', 0];
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const drained: Promise<unknown>[] = [];
  return {
    hand(kind: string, body: string): void {
      handed += 1;
      if (!child.stdin.write(`${kind} ${Buffer.from(body).toString('base64')}\n`))
        drained.push(once(child.stdin, 'drain'));
    },
    /** Lets it catch up. */
    pause: () => drained.pop(),
    async verdict(): Promise<{ readonly said: string; readonly handed: number }> {
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
      return { said, handed };
    },
  };
}
