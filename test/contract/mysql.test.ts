import { mysqlIfGiven } from '../support/server-database.ts';
import { serverContract } from './server.ts';

for (const server of await mysqlIfGiven()) serverContract(server);
