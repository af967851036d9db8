"""Stands in for the Python automx2, of which the tests need no more than what a switch to and fro can break.

Like automx2 it reads AUTOMX2_CONF or /etc/automx2/automx2.conf with configparser, opens db_uri, names every column of
every table in its queries as SQLAlchemy does, and answers Autoconfig in its bytes: one line without XML declaration, all
domains of the provider, an empty <identity />, 204 for an unknown domain. At the start it runs each statement that
automx2 has for its tables, and takes back what they change: a database that automx2 cannot use ends it.

Words: the port of 127.0.0.1 to listen on, and with "--options" nothing but the options as JSON.
"""
import configparser
import http.server
import json
import os
import sqlite3
import sys
import urllib.parse
from xml.sax.saxutils import escape

COLUMNS = {
    'provider': 'id name short_name',
    'ldapserver': 'id name port use_ssl search_base search_filter attr_uid attr_cn bind_password bind_user',
    'domain': 'id name provider_id ldapserver_id',
    'server': 'id prio name port type socket_type user_name authentication',
    'davserver': 'id url port type use_ssl domain_required user_name',
    'server_domain': 'server_id domain_id',
    'davserver_domain': 'davserver_id domain_id',
}
NEW_ROWS = {
    'provider': {'id': 990, 'name': 'New', 'short_name': 'New'},
    'ldapserver': dict(zip(COLUMNS['ldapserver'].split(), (990, 'new', 636, 1, 'dc=new', '(a={0})', 'u', 'c', 'p', 'b'))),
    'domain': {'id': 990, 'name': 'new.example', 'provider_id': 990, 'ldapserver_id': 990},
    'server': dict(zip(COLUMNS['server'].split(), (990, 10, 'new.example', 993, 'imap', 'SSL', 'u', 'plain'))),
    'davserver': dict(zip(COLUMNS['davserver'].split(), (990, 'https://new.example/', 0, 'caldav', 1, 1, 'u'))),
    'server_domain': {'server_id': 990, 'domain_id': 990},
    'davserver_domain': {'davserver_id': 990, 'domain_id': 990},
}

configuration = configparser.ConfigParser()
with open(os.environ.get('AUTOMX2_CONF', '/etc/automx2/automx2.conf'), encoding='utf-8') as file:
    configuration.read_file(file)
options = dict(configuration['automx2'])
if '--options' in sys.argv:
    print(json.dumps(options))
    sys.exit()
database = sqlite3.connect(options['db_uri'].removeprefix('sqlite:///'))


def query(table, rest='', *values, also=''):
    names = ', '.join(f'{table}.{column} AS {table}_{column}' for column in COLUMNS[table].split())
    cursor = database.execute(f'SELECT {names} FROM {table}{also} {rest}', values)
    return [dict(zip(COLUMNS[table].split(), row)) for row in cursor]


def linked(table, domain):
    link = f'{table}_domain'
    condition = f'WHERE ? = {link}.domain_id AND {link}.{table}_id = {table}.id'
    return query(table, condition, domain, also=f', {link}')


def run_every_statement():
    for table, row in NEW_ROWS.items():
        marks = ', '.join('?' * len(row))
        database.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    assert query('domain', 'WHERE domain.name = ? LIMIT ? OFFSET ?', 'new.example', 1, 0) == [NEW_ROWS['domain']]
    for table in ('provider', 'ldapserver', 'server', 'davserver'):
        assert query(table, f'WHERE {table}.id = ?', 990) == [NEW_ROWS[table]]
    for table in ('server', 'davserver'):
        assert linked(table, 990) == [NEW_ROWS[table]]
    for table in reversed(COLUMNS):
        database.execute(f'DELETE FROM {table}')
    database.rollback()


def element(name, text):
    return f'<{name}>{escape(str(text))}</{name}>'


def server_element(row):
    name = 'outgoingServer' if row['type'] == 'smtp' else 'incomingServer'
    parts = {'hostname': 'name', 'port': 'port', 'socketType': 'socket_type', 'username': 'user_name',
             'authentication': 'authentication'}
    content = ''.join(element(part, row[column]) for part, column in parts.items())
    kind = {'pop': 'pop3'}.get(row['type'], row['type'])
    return f'<{name} type="{kind}">{content}</{name}>'


def autoconfig(name):
    found = query('domain', 'WHERE domain.name = ? LIMIT ? OFFSET ?', name, 1, 0)
    if not found:
        return None
    [provider] = query('provider', 'WHERE provider.id = ?', found[0]['provider_id'])
    domains = query('domain', 'WHERE ? = domain.provider_id', provider['id'])
    servers = sorted(linked('server', found[0]['id']), key=lambda row: row['prio'])
    content = '<identity />' + ''.join(element('domain', row['name']) for row in domains)
    content += element('displayName', provider['name']) + element('displayShortName', provider['short_name'])
    content += ''.join(server_element(row) for row in servers)
    return (f'<clientConfig version="1.1"><emailProvider id="automx2-{provider["id"]}">{content}</emailProvider>'
            '</clientConfig>')


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        [address] = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)['emailaddress']
        document = autoconfig(address.split('@')[1])
        body = (document or '').encode()
        self.send_response(204 if document is None else 200)
        self.send_header('Content-Type', 'application/xml')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


run_every_statement()
server = http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler)
print('listening', file=sys.stderr, flush=True)
server.serve_forever()
