# type.zsh FOLDER KEYS FILE: types KEYS into an interactive zsh with the completions of FOLDER, and writes what is then on
# its line to FILE.
zmodload zsh/zpty zsh/zselect || exit 1
zpty shell zsh -f -i
zpty -w shell "PS1= RPS1=; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -d ${(q)HOME}/.zcompdump
tell() { print -r -- \"\$BUFFER\" >${(q)3} }; zle -N tell; bindkey '^X' tell; print rea''dy"
zpty -r shell output '*ready*' || exit 1
zpty -n -w shell "$2"$'\x18'
for ((i = 0; i < 500; i++)); do
    [[ -s $3 ]] && break
    zpty -rt shell output
    zselect -t 2
done
zpty -d shell
[[ -s $3 ]]
