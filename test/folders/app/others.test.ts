import { importTests } from '../../support/import-tests.ts';

await importTests('app/{cache,check}', 'app/*');
