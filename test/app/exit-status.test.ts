import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ConfigError } from '../../src/adapters/config/config-file.ts';
import { DatabaseUrlError } from '../../src/adapters/database/database-url.ts';
import { exitStatusOf, UsageError } from '../../src/app/exit-status.ts';
import { Failure } from '../../src/domain/failure.ts';

/** The error that the system makes of a file that is not there. */
function systemError(): Error {
  try {
    readFileSync('/nowhere/at/all');
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return assert.fail();
}

for (const [error, status] of [
  [new UsageError('x'), 2],
  [new ConfigError('x'), 2],
  [new DatabaseUrlError('x'), 2],
  [new Failure('address_invalid', 'x'), 2],
  [new Failure('document_invalid', 'x'), 2],
  [new Failure('store_unprepared', 'x'), 2],
  [new Failure('store_unavailable', 'x'), 1],
  [new Failure('directory_unavailable', 'x'), 1],
  [new Failure('domain_unknown', 'x'), 1],
  [new Failure('domain_unusable', 'x'), 1],
  [new Failure('data_exist', 'x'), 1],
  [systemError(), 1],
  // Faults of this program, which must not be hidden behind one line.
  [new TypeError('x'), undefined],
  [Object.assign(new Error('x'), { exitStatus: 77 }), undefined],
] as const) {
  const name = error instanceof Failure ? error.code : error.name;
  test(`${name}: ${status}`, () => assert.equal(exitStatusOf(error), status));
}
