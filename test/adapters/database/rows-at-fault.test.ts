import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLookUp } from '../../../src/adapters/database/read-look-ups.ts';
import { parseDomainName } from '../../../src/domain/domain-name.ts';
import { Failure } from '../../../src/domain/failure.ts';

const name = parseDomainName('example.com') ?? assert.fail();

for (const settings of ['{"bind_password": "geheim"', 'geheim', '["geheim"]', 'null', '']) {
  test(`settings ${JSON.stringify(settings)}: the database is unreachable, and nothing of them is told`, () => {
    assert.throws(
      () => readLookUp([{ kind: 'domain', domain_id: 1, settings }], name),
      (error) => {
        assert.ok(error instanceof Failure);
        assert.deepEqual([error.code, error.cause], ['store_unavailable', undefined]);
        assert.doesNotMatch(`${error.message} ${error.stack}`, /geheim|bind_password/);
        return true;
      },
    );
  });
}
