#include "cli/completion.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

constexpr const char* kBash = R"SH(# bash completion of millrace: source <(millrace completion bash)
_millrace() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :files) compopt -o default ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _millrace millrace
)SH";

constexpr const char* kZsh = R"SH(#compdef millrace
# zsh completion of millrace: source <(millrace completion zsh), or as _millrace in a directory of $fpath
_millrace() {
    local -a candidates
    local line files none=1
    for line in "${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        case $line in
            '') ;;
            :files) files=1 ;;
            *) candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
        esac
    done
    (( $#candidates )) && _describe -t millrace millrace candidates && none=0
    [[ -n $files ]] && _files && none=0
    return none
}
if [[ ${funcstack[1]} == _millrace ]]; then
    _millrace "$@"
else
    compdef _millrace millrace
fi
)SH";

constexpr const char* kFish = R"SH(# fish completion of millrace: millrace completion fish | source
function __millrace_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    $words[1] __complete $words[2..-1] "$current" 2>/dev/null
end
function __millrace_wants_files
    contains -- :files (__millrace_complete)
end
complete -c millrace -f -a '(__millrace_complete | string match -v ":files")'
complete -c millrace -n __millrace_wants_files -F
)SH";

}  // namespace

std::string completion_script(const std::string& shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  throw Error(ErrorCode::kUsage, "There is no completion for " + shell + ".", {.field = "shell"})
      .suggest("Choose bash, zsh or fish.");
}

}  // namespace millrace::cli
