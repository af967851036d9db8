# Completion for fish of automx2(8), made from its table of commands by "npm run completion".
# Whether the command is this one, '' for none; if a number follows, whether there are so many words, options apart.
function __automx2_command
	set -l words
	set -l is_value no
	for word in (commandline -opc)[2..]
		if test $is_value = yes
			set is_value no
			continue
		end
		switch $word
			case --config --host --port --format --provider --seeds --like --service --ttl --nameserver --connect --ca --url
				set is_value yes
			case '-*'
			case '*'
				set -a words $word
		end
	end
	test "$words[1]" = "$argv[1]"; or return
	test (count $argv) = 1; or test (count $words) = $argv[2]
end
complete -c automx2 -f
complete -c automx2 -l config -rF
complete -c automx2 -l version
complete -c automx2 -l help
complete -c automx2 -n "__automx2_command ''" -a init -d 'create tables and indexes that are missing'
complete -c automx2 -n "__automx2_command ''" -a migrate -d 'upgrade a database of an older automx2, keeping every row'
complete -c automx2 -n "__automx2_command ''" -a lookup -d 'print what each client gets for the address'
complete -c automx2 -n "__automx2_command ''" -a export -d 'print all settings, or those of one provider, as a document'
complete -c automx2 -n "__automx2_command ''" -a apply -d 'make the database say what a document says'
complete -c automx2 -n "__automx2_command ''" -a domain -d 'list, show, remove and add mail domains'
complete -c automx2 -n "__automx2_command ''" -a lint -d 'report what known clients cannot use in the settings of all domains'
complete -c automx2 -n "__automx2_command ''" -a dns -d 'print the DNS records to publish for some domains'
complete -c automx2 -n "__automx2_command ''" -a check -d 'ask DNS and every URL as clients do'
complete -c automx2 -n "__automx2_command ''" -a health -d 'ask the running daemon whether it can answer clients'
complete -c automx2 -n "__automx2_command ''" -a import -d 'print a settings document'
complete -c automx2 -n "__automx2_command ''" -l host -x
complete -c automx2 -n "__automx2_command ''" -l port -x
complete -c automx2 -n "__automx2_command ''" -l check
complete -c automx2 -n "__automx2_command init" -l sample
complete -c automx2 -n "__automx2_command init" -l purge
complete -c automx2 -n "__automx2_command init" -l yes
complete -c automx2 -n "__automx2_command init" -F
complete -c automx2 -n "__automx2_command migrate" -l check
complete -c automx2 -n "__automx2_command lookup" -l format -xa 'autoconfig autodiscover activesync mobileconfig mobileconfig-exchange pacc thunderbird-qr all'
complete -c automx2 -n "__automx2_command lookup" -l signed
complete -c automx2 -n "__automx2_command export" -l provider -x
complete -c automx2 -n "__automx2_command export" -l secrets
complete -c automx2 -n "__automx2_command export" -l seeds -xa '(__fish_complete_directories)'
complete -c automx2 -n "__automx2_command apply" -l dry-run
complete -c automx2 -n "__automx2_command apply" -l prune
complete -c automx2 -n "__automx2_command apply" -l force
complete -c automx2 -n "__automx2_command apply" -l yes
complete -c automx2 -n "__automx2_command apply" -l json
complete -c automx2 -n "__automx2_command apply" -l expect-no-changes
complete -c automx2 -n "__automx2_command apply" -F
complete -c automx2 -n "__automx2_command domain" -l dry-run
complete -c automx2 -n "__automx2_command domain" -l yes
complete -c automx2 -n "__automx2_command domain" -l json
complete -c automx2 -n "__automx2_command domain" -l like -x
complete -c automx2 -n "__automx2_command domain" -l provider -x
complete -c automx2 -n "__automx2_command domain 1" -a 'list show add remove'
complete -c automx2 -n "__automx2_command dns" -l service -x
complete -c automx2 -n "__automx2_command dns" -l ttl -x
complete -c automx2 -n "__automx2_command dns" -l json
complete -c automx2 -n "__automx2_command check" -l service -x
complete -c automx2 -n "__automx2_command check" -l nameserver -x
complete -c automx2 -n "__automx2_command check" -l authoritative
complete -c automx2 -n "__automx2_command check" -l connect -x
complete -c automx2 -n "__automx2_command check" -l ca -rF
complete -c automx2 -n "__automx2_command check" -l deep
complete -c automx2 -n "__automx2_command check" -l json
complete -c automx2 -n "__automx2_command check" -l quiet
complete -c automx2 -n "__automx2_command health" -l url -x
complete -c automx2 -n "__automx2_command import" -F
