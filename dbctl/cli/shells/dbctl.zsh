#compdef dbctl
# Completion of dbctl in zsh. In ~/.zshrc, after compinit: eval "$(dbctl completion zsh)"

_dbctl() {
    emulate -L zsh
    local program=${words[1]/#\~\//$HOME/} line
    local -a typed plain described shown

    typed=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
    whence -p -- "$program" >/dev/null 2>&1 || program=dbctl

    for line in "${(@f)$(command "$program" __complete zsh "" "${typed[@]}" 2>/dev/null </dev/null)}"; do
        if [[ $line == ":files"* ]]; then
            _files
            return
        elif [[ -z $line ]]; then
            continue
        elif [[ $line == *$'\t' ]]; then
            plain+=("${line%%$'\t'*}")
        else
            described+=("${line%%$'\t'*}")
            shown+=("${(r:18:)${line%%$'\t'*}}  ${line#*$'\t'}")
        fi
    done

    (($#described)) && compadd -l -V dbctl-described -d shown -a described
    (($#plain)) && compadd -V dbctl -a plain
}

if [[ ${funcstack[1]:-} == _dbctl ]]; then
    _dbctl "$@"
elif (($+functions[compdef])); then
    compdef _dbctl dbctl
fi
