# Completion in bash for lc3as, lc3gen, lc3run, lc3dis, lc3bench and svm.
#
# Options come from the command's own --help, so that they are always those that it has.

# The words of --help that are options: "--name=" with a value, "--name" without.
_lc3_options()
{
    "$1" --help 2>/dev/null | grep -E '^ {2,6}-' | sed -E 's/^ +//; s/   .*//' | tr ' ,' '\n\n' |
        sed -nE 's/^(--?[A-Za-z][A-Za-z-]*=?).*/\1/p' | sort -u
}

# What an option's "=a|b|c" allows.
_lc3_values()
{
    "$1" --help 2>/dev/null | sed -nE "s/^ +.*$2=([A-Za-z0-9|.]+).*/\1/p" | head -n 1 | tr '|' '\n' | grep -E '^[a-z0-9]+$'
}

_lc3()
{
    local command=$1 word=${COMP_LINE:0:COMP_POINT} files values name
    word=${word##*[[:space:]]}
    COMPREPLY=()
    case $command in
    *lc3gen) files='*.def' ;;
    *lc3as) files='*.asm' ;;
    *lc3run) files='*.@(obj|asm)' ;;
    *lc3dis) files='*.obj' ;;
    *svm) files='*.svm' ;;
    *) files='*' ;;
    esac
    if [[ $word == -*=* ]]; then
        name=${word%%=*}
        word=${word#*=}
        values=$(_lc3_values "$command" "$name")
        if [ -n "$values" ]; then
            mapfile -t COMPREPLY < <(compgen -W "$values" -- "$word")
            [[ $name != --engine ]] || mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -X '!*.so' -- "$word")
        else
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
        fi
        return
    fi
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_lc3_options "$command")" -- "$word")
        [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
        return
    fi
    shopt -q extglob || shopt -s extglob
    mapfile -t COMPREPLY < <(compgen -f -X "!$files" -- "$word"; compgen -d -S / -- "$word")
    if [[ $command == *lc3gen && $COMP_CWORD == 1 ]]; then
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "check emit docs explain diff fuse" -- "$word")
    fi
}

complete -F _lc3 lc3as lc3gen lc3run lc3dis lc3bench svm
