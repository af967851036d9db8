import type { Seed } from '../../domain/seed.ts';
import type { SqlValue, Statement } from './connection.ts';

const insert = (table: string, row: Readonly<Record<string, SqlValue>>): Statement => ({
  sql: `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
    .map(() => '?')
    .join(', ')})`,
  parameters: Object.values(row),
});

// No driver binds true and false alike; a comparison yields the engine's own boolean, 1 and 0 bind everywhere.
const truth = (value: boolean): SqlValue => Number(value);

/** The rows of a seed. Ids count from 1 in the order of the seed, so that the same seed gives the same rows everywhere. */
export function seedStatements({ provider, domains, mailServers, davServers, directories }: Seed): Statement[] {
  const PROVIDER_ID = 1;
  return [
    insert('provider', { id: PROVIDER_ID, name: provider.name, short_name: provider.shortName }),
    ...directories.map((directory) =>
      insert('ldapserver', {
        id: directory.id,
        name: directory.name,
        port: directory.port,
        use_ssl: truth(directory.useSsl),
        search_base: directory.searchBase,
        search_filter: directory.searchFilter,
        attr_uid: directory.attributeUid,
        attr_cn: directory.attributeCn,
        bind_user: directory.bindUser ?? null,
        bind_password: directory.bindPassword ?? null,
      }),
    ),
    ...domains.map(({ name, directoryId }, index) =>
      insert('domain', { id: index + 1, name, provider_id: PROVIDER_ID, ldapserver_id: directoryId ?? null }),
    ),
    ...mailServers.flatMap((server, index) => [
      insert('server', {
        id: index + 1,
        prio: server.priority,
        name: server.name,
        port: server.port,
        type: server.type,
        socket_type: server.socketType,
        user_name: server.userName,
        authentication: server.authentication,
      }),
      ...domains.map((_domain, at) => insert('server_domain', { server_id: index + 1, domain_id: at + 1 })),
    ]),
    ...davServers.flatMap((server, index) => [
      insert('davserver', {
        id: index + 1,
        url: server.url,
        port: server.port,
        type: server.type,
        use_ssl: truth(/^https:/i.test(server.url)),
        domain_required: truth(true),
        user_name: server.userName,
      }),
      ...domains.flatMap(({ name }, at) =>
        server.domains === undefined || server.domains.includes(name)
          ? [insert('davserver_domain', { davserver_id: index + 1, domain_id: at + 1 })]
          : [],
      ),
    ]),
  ];
}
