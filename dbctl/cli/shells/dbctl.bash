# Completion of dbctl in bash. In ~/.bashrc: eval "$(dbctl completion bash)"

_dbctl_complete() {
    local IFS=$' \t\n' program=${COMP_WORDS[0]} rest=${COMP_LINE:0:COMP_POINT} shell=bash i word left
    local -a words=()

    # bash breaks words at = and : too; those that touch each other are one word for dbctl.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        left=${rest#"${rest%%[![:space:]]*}"}
        word=${COMP_WORDS[i]}
        ((i == COMP_CWORD)) && word=$left
        if ((i == 0)) || [[ -z $rest || $left != "$rest" ]]; then
            words+=("$word")
        else
            words[${#words[@]} - 1]+=$word
        fi
        rest=${left#"$word"}
    done

    [[ $program == "~/"* ]] && program=$HOME/${program#"~/"}
    type -P -- "$program" >/dev/null 2>&1 || program=dbctl
    # 63 is the second press of the key: a list is shown, nothing is inserted.
    [[ ${COMP_TYPE:-} == 63 ]] && shell=bash-list

    COMPREPLY=()
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(command "$program" __complete "$shell" "$COMP_WORDBREAKS" "${words[@]:1}" 2>/dev/null </dev/null)

    if [[ ${COMPREPLY[0]:-} == ":files" ]]; then
        COMPREPLY=()
        compopt -o default 2>/dev/null
    fi
}

complete -F _dbctl_complete dbctl
