# What zsh makes of the line $1 when Tab is pressed after it, at the latest when it is $2: in a terminal of its own, with nothing
# of the user's.
zmodload zsh/zpty
zpty -b line "PS1='' TERM=dumb zsh -f -i"

# Reads what the terminal shows until $1 is there, or for half a minute.
shown_until() {
  local turn piece
  said=
  for turn in {1..300}; do
    while zpty -r -t line piece; do said+=$piece; done
    [[ $said == *"$1"* ]] && return
    sleep 0.1
  done
}

zpty -w line 'PS1=""; unsetopt zle_bracketed_paste prompt_cr prompt_sp; autoload -U compinit; compinit -u -D
  source <(auth completions zsh); print READY$((1+1))'
shown_until READY2
zpty -w -n line "$1"$'\t'
shown_until "$2"
print -r -- "$said"
zpty -d line
