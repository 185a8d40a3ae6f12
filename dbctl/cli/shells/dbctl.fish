# Completion of dbctl in fish. In ~/.config/fish/config.fish: dbctl completion fish | source

function __dbctl_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l program $typed[1]
    type -fq -- $program 2>/dev/null; or set program dbctl

    set -l found (command $program __complete fish "" $typed[2..] "$current" 2>/dev/null </dev/null)
    if string match -q ':files*' -- $found[1]
        __fish_complete_path $current
    else
        printf '%s\n' $found
    end
end

complete -c dbctl -f -k -a '(__dbctl_complete)'
