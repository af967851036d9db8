#!/bin/sh
# Prints the SQL that adds one provider to an automx2 database. Set the variables below, and pipe the result into the database:
#
#   PROVIDER='Example Inc.' DOMAINS='example.com example.net' IMAP=mail.example.com SMTP=mail.example.com \
#     ./generate-sql.sh | sqlite3 -bail /var/lib/automx2/db.sqlite
#
# The tables must exist. Make the client stop at the first error, as -bail does for sqlite3, or it may leave half a provider
# (psql: -v ON_ERROR_STOP=1; mysql stops by default). Servers are added in the order IMAP, POP, SMTP; an empty name omits one.
set -eu

PROVIDER=${PROVIDER-Example Inc.}
SHORT_NAME=${SHORT_NAME-${PROVIDER%% *}}
DOMAINS=${DOMAINS-example.com}
LOGIN=${LOGIN-%EMAILADDRESS%}

IMAP=${IMAP-imap.example.com}
IMAP_PORT=${IMAP_PORT-993}
IMAP_SOCKET=${IMAP_SOCKET-SSL}
POP=${POP-}
POP_PORT=${POP_PORT-995}
POP_SOCKET=${POP_SOCKET-SSL}
SMTP=${SMTP-smtp.example.com}
SMTP_PORT=${SMTP_PORT-465}
SMTP_SOCKET=${SMTP_SOCKET-SSL}

CALDAV_URL=${CALDAV_URL-}
CARDDAV_URL=${CARDDAV_URL-}

# A text as an SQL literal.
quote() {
	printf "'%s'" "$(printf '%s' "$1" | sed "s/'/''/g")"
}

# A whole number, or exit.
number() {
	case $1 in
	'' | *[!0-9]*)
		echo "$0: not a port: $1" >&2
		exit 1
		;;
	*) printf '%s' "$1" ;;
	esac
}

# server TYPE NAME PORT SOCKET_TYPE
server() {
	[ -n "$2" ] || return 0
	port=$(number "$3")
	case $4 in
	SSL | STARTTLS | plain | Auto) ;;
	*)
		echo "$0: socket type must be one of SSL, STARTTLS, plain, Auto: $4" >&2
		exit 1
		;;
	esac
	printf 'INSERT INTO server (id, prio, name, port, type, socket_type, user_name, authentication)\n'
	printf '  SELECT COALESCE(MAX(id), 0) + 1, 10, %s, %s, %s, %s, %s, %s FROM server;\n' \
		"$(quote "$2")" "$port" "$(quote "$1")" "$(quote "$4")" "$(quote "$LOGIN")" "'plain'"
	printf 'INSERT INTO server_domain (server_id, domain_id)\n'
	printf '  SELECT (SELECT MAX(id) FROM server), id FROM domain WHERE provider_id = (SELECT MAX(id) FROM provider);\n'
}

# dav TYPE URL
dav() {
	[ -n "$2" ] || return 0
	case $2 in https:*) ssl=TRUE ;; *) ssl=FALSE ;; esac
	printf 'INSERT INTO davserver (id, url, port, type, use_ssl, domain_required, user_name)\n'
	printf '  SELECT COALESCE(MAX(id), 0) + 1, %s, 0, %s, %s, TRUE, %s FROM davserver;\n' \
		"$(quote "$2")" "$(quote "$1")" "$ssl" "$(quote "$LOGIN")"
	printf 'INSERT INTO davserver_domain (davserver_id, domain_id)\n'
	printf '  SELECT (SELECT MAX(id) FROM davserver), id FROM domain WHERE provider_id = (SELECT MAX(id) FROM provider);\n'
}

{
	echo 'BEGIN;'
	printf 'INSERT INTO provider (id, name, short_name) SELECT COALESCE(MAX(id), 0) + 1, %s, %s FROM provider;\n' \
		"$(quote "$PROVIDER")" "$(quote "$SHORT_NAME")"
	for domain in $DOMAINS; do
		printf 'INSERT INTO domain (id, name, provider_id)\n'
		printf '  SELECT COALESCE(MAX(id), 0) + 1, %s, (SELECT MAX(id) FROM provider) FROM domain;\n' "$(quote "$domain")"
	done
	server imap "$IMAP" "$IMAP_PORT" "$IMAP_SOCKET"
	server pop "$POP" "$POP_PORT" "$POP_SOCKET"
	server smtp "$SMTP" "$SMTP_PORT" "$SMTP_SOCKET"
	dav caldav "$CALDAV_URL"
	dav carddav "$CARDDAV_URL"
	echo 'COMMIT;'
}
