import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');

interface Import {
  readonly file: string;
  readonly target: string;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(SRC, file), 'utf8');
  const targets = text.matchAll(/(?:^(?:import|export)\b[^;]*?\bfrom\s*|\bimport\s*\(\s*|^import\s*)'([^']+)'/gm);
  return [...targets].map(([, target = '']) => ({
    file,
    target: target.startsWith('.') ? relative(SRC, resolve(SRC, dirname(file), target)) : target,
  }));
});

/** `domain`, `ports`, `app`, or `adapters/<edge>`. */
const roomOf = (path: string): string =>
  path
    .split('/')
    .slice(0, path.startsWith('adapters/') ? 2 : 1)
    .join('/');

const isBuiltin = (target: string): boolean => target.startsWith('node:');

// Two pure functions of Node's serve the domain: no I/O, no clock, no randomness behind them.
const DOMAIN_BUILTINS = ['node:crypto', 'node:url'];

const mayImport = (room: string, target: string): boolean => {
  if (room === 'domain') return target.startsWith('domain/') || DOMAIN_BUILTINS.includes(target);
  if (room === 'ports') return target.startsWith('domain/') || target.startsWith('ports/');
  if (room === 'app') return true;
  return isBuiltin(target) || ['domain', 'ports', room].includes(roomOf(target)) || !target.includes('.ts');
};

test('every import follows an arrow of the design', () => {
  assert.ok(imports.length > 100, `only ${imports.length} imports found: the pattern misses some`);
  const wrong = imports.filter(({ file, target }) => !mayImport(roomOf(file), target));
  assert.deepEqual(wrong, []);
});

test('an import against the arrows would be seen', () => {
  assert.equal(mayImport('domain', 'ports/log.ts'), false);
  assert.equal(mayImport('domain', 'node:fs'), false);
  assert.equal(mayImport('domain', 'sax'), false);
  assert.equal(mayImport('ports', 'adapters/http/routes.ts'), false);
  assert.equal(mayImport('adapters/http', 'adapters/database/schema.ts'), false);
  assert.equal(mayImport('adapters/http', 'app/daemon.ts'), false);
  assert.equal(mayImport('adapters/database', 'adapters/database/sqlite/connection.ts'), true);
});

test('each run-time package is imported by one adapter folder and stands in package.json', () => {
  const rooms = new Map<string, Set<string>>();
  for (const { file, target } of imports) {
    if (isBuiltin(target) || builtinModules.includes(target) || target.endsWith('.ts')) continue;
    const name = target.split('/', 1)[0] ?? '';
    rooms.set(name, (rooms.get(name) ?? new Set()).add(roomOf(file)));
  }
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string> | undefined
  >;
  const declared = [
    ...Object.keys(manifest['dependencies'] ?? {}),
    ...Object.keys(manifest['optionalDependencies'] ?? {}),
  ];
  assert.deepEqual([...rooms.keys()].sort(), declared.sort());
  for (const [name, importers] of rooms) {
    assert.equal(importers.size, 1, name);
    assert.match([...importers][0] ?? '', /^adapters\//, name);
  }
});

test('only src/app constructs an adapter: the only classes of ports and domain are of the domain itself', () => {
  const classes = files
    .filter((file) => ['domain', 'ports'].includes(roomOf(file)))
    .filter((file) => /^export class/m.test(readFileSync(join(SRC, file), 'utf8')));
  assert.deepEqual(classes.sort(), [
    'domain/failure.ts',
    'domain/fields.ts',
    'domain/formats/compiled.ts',
    'domain/plan/planning.ts',
    'domain/plan/row-changes.ts',
    'domain/plan/server-links.ts',
    'domain/plan/wanted-servers.ts',
    'domain/row-index.ts',
    'domain/served-domain.ts',
    'domain/user-account.ts',
  ]);
});
