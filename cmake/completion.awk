# completion.awk - makes a completion of bash or zsh from the --help of a program
#
#   usage: PROGRAM --help | awk -v program=NAME -v shell=bash|zsh -f completion.awk
#
# An option's line is "  -o, --output=FILE   Text"; deeper lines continue the text. Lines after "Commands:" begin with a command.

function end_option() {
	if (name == "")
		return
	count++
	names[count] = name
	shorts[count] = short
	values[count] = value
	texts[count] = text
	name = ""
}

/^  (-.,|   ) --[a-z]/ {
	end_option()
	short = substr($0, 3, 1) == "-" ? substr($0, 4, 1) : ""
	line = substr($0, 9)
	match(line, /^[a-z0-9-]+/)
	name = substr(line, 1, RLENGTH)
	line = substr(line, RLENGTH + 1)
	at = match(line, /   *[^ ]|$/)
	value = substr(line, 1, at - 1)
	text = substr(line, at)
	sub(/^ +/, "", text)
	next
}

name != "" && /^              / {
	sub(/^ +/, "")
	text = text (text == "" ? "" : " ") $0
	next
}

{ end_option() }

/^Commands:/ { has_commands = 1 }

has_commands && /^  [a-z]/ && !known[$1]++ { commands = commands (commands == "" ? "" : " ") $1 }

function print_bash(    i, words) {
	for (i = 1; i <= count; i++)
		words = words " --" names[i] (values[i] ~ /^=/ ? "=" : "")
	printf "# Completion of %s, made from its --help.\n", program
	printf "_%s()\n{\n", identifier
	print "\tlocal word=${COMP_WORDS[COMP_CWORD]}"
	print "\tCOMPREPLY=()"
	print "\tcase $word in"
	printf "\t-*) mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$word\") ;;\n", substr(words, 2)
	if (commands != "")
		printf "\t*) mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$word\") ;;\n", commands
	print "\tesac"
	print "\tif [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi"
	print "}"
	printf "complete -o default -F _%s %s\n", identifier, program
}

# A text inside of '[...]': no quotation mark, no bracket, no colon.
function plain(string) {
	gsub(/'/, "", string)
	gsub(/[][\\:]/, " ", string)
	gsub(/  +/, " ", string)
	return string
}

function print_zsh(    i, value, suffix) {
	printf "#compdef %s\n# Completion of %s, made from its --help.\n_arguments -s -S \\\n", program, program
	for (i = 1; i <= count; i++) {
		value = values[i]
		gsub(/^\[?=|\]$/, "", value)
		suffix = values[i] == "" ? "" : ((values[i] ~ /^\[/ ? "::" : ":") plain(value) ":" (value ~ /FILE|DIR|PATH|SOCKET/ ? "_files" : " "))
		printf "  '*--%s%s[%s]%s' \\\n", names[i], values[i] == "" ? "" : values[i] ~ /^\[/ ? "=-" : "=", plain(texts[i]), suffix
		if (shorts[i] != "")
			printf "  '*-%s%s[%s]%s' \\\n", shorts[i], values[i] == "" ? "" : values[i] ~ /^\[/ ? "-" : "+", plain(texts[i]), suffix
	}
	if (commands != "")
		printf "  '1:command:(%s)' \\\n", commands
	print "  '*:file:_files'"
}

END {
	end_option()
	if (count == 0) {
		print "completion.awk: " program ": no options in its --help" > "/dev/stderr"
		exit 1
	}
	identifier = program
	gsub(/-/, "_", identifier)
	if (shell == "zsh")
		print_zsh()
	else
		print_bash()
}
