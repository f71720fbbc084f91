// superion: the command-line client.
#include <sys/resource.h>

#include "cli/exit_code.h"
#include "cli/verb.h"
#include "core/strict_section.h"

namespace superion {
namespace {

// The parser only knows that a command is missing. OK when the first word is one, or an option.
absl::Status CheckVerb(const CLI::App& program, const std::string& word) {
  std::set<std::string> names;
  for (const CLI::App* verb : program.get_subcommands([](const CLI::App*) { return true; })) {
    names.insert(verb->get_name());
  }
  if (word.empty() || word[0] == '-' || names.contains(word)) return absl::OkStatus();
  const std::string closest = ClosestWord(word, names);
  return InvalidArgument("there is no command \"{}\"{}; superion --help lists them", word,
                         closest.empty() ? "" : fmt::format(", did you mean \"{}\"?", closest));
}

// An empty text is a variable of a script that was not set: no option means anything by it.
absl::Status CheckNotEmpty(int argc, char** argv) {
  for (int k = 1; k < argc; ++k) {
    const std::string word = argv[k];
    if (word.empty()) return InvalidArgument("the argument after {} is empty; expected a value", argv[k - 1]);
    if (word.rfind("--", 0) == 0 && word.back() == '=')
      return InvalidArgument("{} is followed by nothing; expected a value", word);
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App program("superion: from a structure to an ionic conductivity with an honest interval", "superion");
  program.set_version_flag("--version", SUPERION_VERSION);
  program.require_subcommand(1);
  VerbTable verbs;
  for (const auto add : {AddRun,    AddSubmit,   AddStatus, AddWatch,   AddList,   AddShow,  AddControl,
                         AddReport, AddValidate, AddDoctor, AddExport,  AddWorker, AddLabel, AddTrain,
                         AddEval,   AddMd,       AddNeb,    AddAnalyze, AddFits,   AddBench}) {
    add(&program, &verbs);
  }
  const absl::Status known = CheckVerb(program, argc > 1 ? argv[1] : "");
  if (!known.ok()) return Complain(known);
  const absl::Status filled = CheckNotEmpty(argc, argv);
  if (!filled.ok()) return Complain(filled);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  for (const auto& [verb, work] : verbs) {
    if (!verb->parsed()) continue;
    try {
      return work();
    } catch (const std::exception& error) {  // of a library: a document that is not what it should be
      return Complain(Internal("unexpected: {}", error.what()));
    }
  }
  return kExitUsage;
}

}  // namespace
}  // namespace superion

int main(int argc, char** argv) { return superion::Main(argc, argv); }
