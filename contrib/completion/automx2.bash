# Completion for bash of automx2(8), made from its table of commands by "npm run completion".
_automx2() {
	local i cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' words=''
	local options='--config --version --help'
	# bash takes --option=value for three words.
	if [[ $cur == '=' ]]; then
		cur=''
	elif [[ $prev == '=' ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--config | --host | --port | --format | --provider | --seeds | --like | --service | --ttl | --nameserver | --connect | --ca | --url)
			[[ ${COMP_WORDS[i + 1]} == '=' ]] && ((i++))
			((i++))
			;;
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	case $command in
	'')
		options+=' --host --port --check'
		words='init migrate lookup export apply domain lint dns check health import'
		;;
	init)
		options+=' --sample --purge --yes'
		words=FILES
		;;
	migrate)
		options+=' --check'
		;;
	lookup)
		options+=' --format --signed'
		;;
	export)
		options+=' --provider --secrets --seeds'
		;;
	apply)
		options+=' --dry-run --prune --force --yes --json --expect-no-changes'
		words=FILES
		;;
	domain)
		options+=' --dry-run --yes --json --like --provider'
		((i + 1 == COMP_CWORD)) && words='list show add remove'
		;;
	lint)
		options+=' '
		;;
	dns)
		options+=' --service --ttl --json'
		;;
	check)
		options+=' --service --nameserver --authoritative --connect --ca --deep --json --quiet'
		;;
	health)
		options+=' --url'
		;;
	import)
		options+=' '
		words=FILES
		;;
	esac
	case $prev in
	--config | --ca) words=FILES ;;
	--seeds) words=FOLDERS ;;
	--host | --port | --provider | --like | --service | --ttl | --nameserver | --connect | --url) words='' ;;
	--format) words='autoconfig autodiscover activesync mobileconfig mobileconfig-exchange pacc thunderbird-qr all' ;;
	*) [[ $cur == -* ]] && words=$options ;;
	esac
	case $words in
	FILES) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	FOLDERS) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
	*) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
	esac
	# Names of files are quoted, and folders get a slash.
	[[ $words != FILES && $words != FOLDERS ]] || compopt -o filenames 2>/dev/null || true
}
complete -F _automx2 automx2
