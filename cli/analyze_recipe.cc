#include "cli/analyze_recipe.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "cli/run_folder.h"
#include "cli/stand_alone.h"

namespace superion {
namespace {

constexpr size_t kColumns = 100, kIndent = 11;

// Columns of UTF-8 text: every byte but those that continue a character.
size_t Columns(const std::string& text) {
  size_t n = 0;
  for (char c : text) n += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return n;
}

absl::Status AddTrajectories(const char* name, const std::vector<std::string>& sources, TaskSpec* spec) {
  for (const std::string& source : sources) {
    SUPERION_ASSIGN_OR_RETURN(const std::vector<TaskInput> inputs, InputsOfRun(source));
    bool any = false;
    for (const TaskInput& input : inputs) {
      if (input.name != "trajectory") continue;
      for (const TaskInput& own : spec->inputs) {
        if (own.name == "trajectory" && own.path == input.path)
          return InvalidArgument("{} is a source already: runs compared with themselves always agree",
                                 source);
      }
      spec->inputs.push_back({name, "", input.path});
      any = true;
    }
    if (!any) return InvalidArgument("{} holds no trajectory, only streams: they hold no structure", source);
  }
  return absl::OkStatus();
}

absl::Status CheckOptions(const RecipeRequest& r) {
  const bool validates = r.name == "validation";
  if (!validates && !(r.reference.empty() && r.larger.empty() && r.evaluation.empty()))
    return InvalidArgument("--reference, --larger-cell and --eval belong to --recipe validation");
  if (r.name != "lgps-nemd" && !r.paths.empty())
    return InvalidArgument("--neb belongs to --recipe lgps-nemd");
  return absl::OkStatus();
}

}  // namespace

std::string Wrapped(const std::string& text, size_t indent, size_t width) {
  std::istringstream words(text);
  std::string out;
  size_t column = indent;
  for (std::string word; words >> word;) {
    const size_t length = Columns(word);
    if (!out.empty() && column + 1 + length > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!out.empty()) {
      out += ' ';
      ++column;
    }
    out += word;
    column += length;
  }
  return out;
}

void AddRecipeOptions(CLI::App* verb, RecipeRequest* request) {
  verb->add_option("--recipe", request->name, "the analysis of a published study, its formulas beside ours")
      ->check(CLI::IsMember({"lgps-nemd", "green-kubo", "validation", "block-method", "glass"}));
  verb->add_option("--neb", request->paths, "documents of `superion neb`, for the barriers of lgps-nemd");
  verb->add_option("--reference", request->reference,
                   "trajectories that validation compares with, such as of ab initio MD");
  verb->add_option("--larger-cell", request->larger,
                   "trajectories of a larger cell, whose properties validation compares");
  verb->add_option("--eval", request->evaluation,
                   "document of `superion eval --json`, for the force errors of validation");
}

absl::Status AddRecipe(const RecipeRequest& request, TaskSpec* spec) {
  SUPERION_RETURN_IF_ERROR(CheckOptions(request));
  if (request.name.empty()) return absl::OkStatus();
  spec->params["recipe"] = request.name;
  SUPERION_RETURN_IF_ERROR(AddTrajectories("reference", request.reference, spec));
  SUPERION_RETURN_IF_ERROR(AddTrajectories("larger_cell", request.larger, spec));
  for (const std::string& path : request.paths) {
    SUPERION_ASSIGN_OR_RETURN(TaskInput input, UserInput("neb", path));
    spec->inputs.push_back(std::move(input));
  }
  if (request.evaluation.empty()) return absl::OkStatus();
  SUPERION_ASSIGN_OR_RETURN(TaskInput input, UserInput("evaluation", request.evaluation));
  spec->inputs.push_back(std::move(input));
  return absl::OkStatus();
}

namespace {

// "276.9 ± 0.3"
std::string Measured(const Json& estimate) {
  const Json value = estimate.value("value", Json()), error = estimate.value("error", Json());
  if (!value.is_number()) return "-";
  std::string text = fmt::format("{:.4g}", value.get<double>());
  if (error.is_number()) text += fmt::format(" ± {:.2g}", error.get<double>());
  return text;
}

// Text filled up with blanks to a number of columns.
std::string Padded(const std::string& text, size_t columns) {
  const size_t n = Columns(text);
  return text + std::string(n < columns ? columns - n : 1, ' ');
}

// The entry of a quantity in the list of one comparison; null where it has none.
Json EntryOf(const Json& list, const std::string& quantity) {
  for (const Json& entry : list) {
    if (entry.value("quantity", "") == quantity) return entry;
  }
  return nullptr;
}

// Quantities of all comparisons, in order of appearance.
std::vector<std::string> Quantities(const Json& comparisons, const char* list) {
  std::vector<std::string> out;
  for (const auto& [label, comparison] : comparisons.items()) {
    for (const Json& entry : comparison[list]) {
      const std::string name = entry.value("quantity", "");
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
    }
  }
  return out;
}

std::string Apart(const Json& entry, const char* key) {
  if (!entry[key].is_number() || !entry["limit"].is_number()) return "-";
  return fmt::format("{:.1f}/{:.1f}{}", entry[key].get<double>(), entry["limit"].get<double>(),
                     entry["agrees"].get<bool>() ? "" : " DIFFERS");
}

// All sets of runs in one table.
void DescribeComparisons(const Json& document) {
  const Json comparisons = document.value("comparison", Json());
  if (!comparisons.is_object()) return;
  constexpr size_t kName = 52, kColumn = 22;
  std::string head = Padded("", kName) + Padded("here", kColumn);
  for (const auto& [label, comparison] : comparisons.items())
    head += Padded(label, kColumn) + Padded("errors apart", kColumn);
  std::printf("\n%s\n", head.c_str());
  for (const std::string& quantity : Quantities(comparisons, "numbers")) {
    std::string line, here, unit;
    for (const auto& [label, comparison] : comparisons.items()) {
      const Json entry = EntryOf(comparison["numbers"], quantity);
      const bool known = entry.is_object();
      if (known) here = Measured(entry["here"]);
      if (known && !entry.value("unit", "").empty()) unit = ", " + entry.value("unit", "");
      line += Padded(known ? Measured(entry["other"]) : "-", kColumn) +
              Padded(known ? Apart(entry, "errors_apart") : "-", kColumn);
    }
    std::printf("%s%s%s\n", Padded(quantity + unit, kName).c_str(), Padded(here, kColumn).c_str(),
                line.c_str());
  }
  for (const std::string& quantity : Quantities(comparisons, "curves")) {
    std::string line;
    for (const auto& [label, comparison] : comparisons.items()) {
      const Json entry = EntryOf(comparison["curves"], quantity);
      const bool known = entry.is_object() && entry["mean_difference"].is_number();
      line += Padded(known ? fmt::format("mean |Δ| {:.2g}", entry["mean_difference"].get<double>()) : "-",
                     kColumn) +
              Padded(known ? Apart(entry, "largest_errors_apart") : "-", kColumn);
    }
    std::printf("%s%s%s\n", Padded(quantity, kName).c_str(), Padded("curve", kColumn).c_str(), line.c_str());
  }
  std::printf("errors apart: difference in standard errors of both / the most that chance allows\n");
}

}  // namespace

void DescribeRecipe(const Json& document) {
  const Json recipe = document.value("recipe", Json());
  if (!recipe.is_object()) return;
  std::printf("\nrecipe %s (%s)\n", recipe.value("name", "").c_str(), recipe.value("source", "").c_str());
  for (const Json& row : recipe["rows"]) {
    std::printf("\n  %s\n", row.value("quantity", "").c_str());
    for (const char* side : {"study", "ours"})
      std::printf("    %-5s  %s\n", side, Wrapped(row.value(side, ""), kIndent, kColumns).c_str());
  }
  DescribeComparisons(document);
  for (const Json& missing : recipe.value("missing", Json::array()))
    std::printf("\nnot given: %s\n", Wrapped(missing.get<std::string>(), kIndent, kColumns).c_str());
}

}  // namespace superion
