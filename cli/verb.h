// The verbs of the client, one file each. An Add function declares the options of a verb and stores what it
// does; main() calls that for the verb on the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>

namespace superion {

// Subcommand -> its work; returns the exit code (exit_code.h).
using VerbTable = std::map<const CLI::App*, std::function<int()>>;

void AddRun(CLI::App* program, VerbTable* verbs);
void AddSubmit(CLI::App* program, VerbTable* verbs);
void AddStatus(CLI::App* program, VerbTable* verbs);
void AddWatch(CLI::App* program, VerbTable* verbs);
void AddList(CLI::App* program, VerbTable* verbs);
void AddShow(CLI::App* program, VerbTable* verbs);
void AddControl(CLI::App* program, VerbTable* verbs);  // pause, resume, cancel
void AddReport(CLI::App* program, VerbTable* verbs);
void AddValidate(CLI::App* program, VerbTable* verbs);
void AddDoctor(CLI::App* program, VerbTable* verbs);
void AddExport(CLI::App* program, VerbTable* verbs);
void AddWorker(CLI::App* program, VerbTable* verbs);
void AddLabel(CLI::App* program, VerbTable* verbs);
void AddTrain(CLI::App* program, VerbTable* verbs);
void AddEval(CLI::App* program, VerbTable* verbs);
void AddMd(CLI::App* program, VerbTable* verbs);
void AddNeb(CLI::App* program, VerbTable* verbs);
void AddAnalyze(CLI::App* program, VerbTable* verbs);
void AddFits(CLI::App* program, VerbTable* verbs);  // arrhenius, finite-size
void AddBench(CLI::App* program, VerbTable* verbs);

}  // namespace superion
