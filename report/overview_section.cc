#include <cmath>

#include "report/format.h"
#include "report/markup.h"
#include "report/sections.h"

namespace superion::report {
namespace {

std::string SigmaCard(const Json& entry) {
  const std::string title = fmt::format("Conductivity at {} K", Show(NumberAt(entry, {"temperature_k"}), 4));
  const std::string status = TextAt(entry, {"status"});
  const std::string chip =
      Chip(status.empty() ? "NOT_MEASURED" : status, status == "CONVERGED", StatusMeaning(status));
  const auto sigma = NumberAt(entry, {"sigma_s_per_m"});
  const std::string interval = Escape(ShowInterval(At(entry, {"ci95_s_per_m"})));
  std::string value = "<small>no value stated</small>";
  if (sigma) value = fmt::format("{} <small>S/m</small>", Show(sigma));
  if (!sigma && interval != "–") value = fmt::format("{} <small>S/m</small>", interval);
  const std::string note = sigma ? fmt::format("95 % interval {} S/m<br>", interval) : "";
  return Card(title, value, note + chip);
}

std::string AccuracyCards(const Json& report) {
  const auto force = NumberAt(report, {"heldout", "force_mae_mev_per_angstrom"});
  const auto fraction = NumberAt(report, {"heldout", "force_mae_fraction"});
  const auto energy = NumberAt(report, {"heldout", "energy_mae_mev_per_atom"});
  const auto frames = NumberAt(report, {"heldout", "frames"});
  const std::string on = frames ? fmt::format("on {} held-out frames", ShowPlain(frames)) : "held-out frames";
  std::string cards;
  cards += Card("Force error (mean absolute)",
                force ? fmt::format("{} <small>meV/Å</small>", Show(force)) : "<small>not measured</small>",
                fraction ? fmt::format("{} % of the rms force, {}", Show(100 * *fraction, 2), on) : on);
  cards += Card(
      "Energy error (mean absolute)",
      energy ? fmt::format("{} <small>meV/atom</small>", Show(energy)) : "<small>not measured</small>", on);
  return cards;
}

std::string LabelCard(const Json& report) {
  const auto labels = NumberAt(report, {"labels"});
  const auto failed = NumberAt(report, {"summary", "failed_labels"});
  std::string note = failed ? fmt::format("{} failed", ShowPlain(failed)) : "";
  const Json& classes = At(report, {"summary", "failed_labels_by_class"});
  if (classes.is_object() && !classes.empty()) {
    note += ": ";
    bool first = true;
    for (const auto& [name, n] : classes.items()) {
      note += fmt::format("{}{} {}", first ? "" : ", ", Escape(name), Escape(DumpJson(n)));
      first = false;
    }
  }
  return Card("Labels (reference calculations)", labels ? ShowPlain(labels) : "<small>unknown</small>", note);
}

std::string CostCard(const Json& report) {
  auto wall = NumberAt(report, {"summary", "wall_s"});
  const auto task_wall = NumberAt(report, {"summary", "task_wall_s"});
  const auto hours = NumberAt(report, {"summary", "node_hours"});
  std::string note = hours ? fmt::format("{} node hours", Show(hours)) : "";
  if (const auto tasks = NumberAt(report, {"summary", "tasks"}))
    note += fmt::format(" in {} tasks", ShowPlain(tasks));
  if (const auto cpu = NumberAt(report, {"summary", "task_cpu_s"}); cpu && *cpu > 0)
    note += fmt::format(", {} of CPU time", Escape(ShowDuration(cpu)));
  if (wall) return Card("Time from start to report", Escape(ShowDuration(wall)), note);
  return Card("Working time of all tasks", Escape(ShowDuration(task_wall)), note);
}

// What each temperature would take to converge; the entry may be text, or {temperature_k, needs: {message}}.
std::string NeedsHtml(const Json& needs) {
  if (!needs.is_array() || needs.empty()) return "";
  std::string items;
  for (const Json& need : needs) {
    if (need.is_string()) {
      items += "<li>" + Escape(need.get<std::string>()) + "</li>";
      continue;
    }
    const Json& inner = At(need, {"needs"}).is_object() ? At(need, {"needs"}) : need;
    std::string text = TextAt(inner, {"message"});
    if (text.empty()) {
      text = fmt::format("{} ps in all, {} seeds", ShowPlain(NumberAt(inner, {"total_time_ps"})),
                         ShowPlain(NumberAt(inner, {"seeds"})));
    }
    if (const auto hours = NumberAt(need, {"cost", "core_hours_more"}); hours && *hours > 0)
      text += fmt::format(" – about {} core hours", Show(hours, 2));
    const auto temperature = NumberAt(need, {"temperature_k"});
    items += "<li>" + (temperature ? fmt::format("<b>{} K</b>: ", ShowPlain(temperature)) : "") +
             Escape(text) + "</li>";
  }
  return "<div class=\"needs\"><b>To converge further</b><ul>" + items + "</ul></div>\n";
}

// What a reader must know of how the numbers came about.
std::string NotesHtml(const Json& notes) {
  if (!notes.is_array() || notes.empty()) return "";
  std::string items;
  for (const Json& note : notes) {
    if (note.is_string()) items += "<li>" + Escape(note.get<std::string>()) + "</li>";
  }
  return "<div class=\"needs\"><b>Notes</b><ul>" + items + "</ul></div>\n";
}

// Said before anything else when the numbers below are not the last ones.
std::string UnfinishedHtml(const Json& report) {
  const std::string state = TextAt(report, {"state"});
  if (state.empty() || state == "DONE") return "";
  std::string text = fmt::format(
      "<b>{}</b>: this campaign has not been finished; what follows is what there is", Escape(state));
  if (const std::string stage = TextAt(report, {"progress", "stage"}); !stage.empty())
    text += fmt::format(" at the stage “{}”", Escape(stage));
  if (const std::string message = TextAt(report, {"progress", "message"}); !message.empty())
    text += " (" + Escape(message) + ")";
  return "<div class=\"needs\">" + text + ".</div>\n";
}

}  // namespace

std::string CampaignName(const Json& report) {
  for (const Path path : {Path{"summary", "campaign"}, Path{"summary", "name"}, Path{"campaign", "name"}}) {
    const std::string name = TextAt(report, path);
    if (!name.empty()) return name;
  }
  return "Campaign";
}

double TargetOf(const Json& report) {
  if (const auto target = NumberAt(report, {"campaign", "target", "s_tot"})) return *target;
  for (const Json& entry : At(report, {"conductivity"})) {
    const Json& gates = At(entry, {"gates"});
    if (!gates.is_array()) continue;
    for (const Json& gate : gates) {
      const auto limit = NumberAt(gate, {"limit"});
      if (TextAt(gate, {"id"}) == "G4" && limit && *limit > 0) return *limit;
    }
  }
  return 0.10;
}

std::string HeaderHtml(const Json& report) {
  std::string html = "<header><div class=\"kind\">superion · ionic conductivity report</div>\n<h1>" +
                     Escape(CampaignName(report)) + "</h1>\n<p class=\"soft\">";
  std::string parts;
  const auto add = [&parts](const std::string& part) { parts += (parts.empty() ? "" : " · ") + part; };
  if (const std::string formula = TextAt(report, {"summary", "formula"}); !formula.empty())
    add(FormulaHtml(formula));
  if (const auto atoms = NumberAt(report, {"summary", "atoms"}))
    add(ShowPlain(atoms) + " atoms in the labelled cell");
  if (const std::string seed = TextAt(report, {"provenance", "seed"}); !seed.empty())
    add("seed " + Escape(seed));
  html += parts +
          "</p>\n<nav><a href=\"#conductivity\">Conductivity</a><a href=\"#arrhenius\">Arrhenius</a>"
          "<a href=\"#budget\">Errors</a><a href=\"#size\">Cell size</a>"
          "<a href=\"#accuracy\">Accuracy</a><a href=\"#learning\">Learning</a>"
          "<a href=\"#provenance\">Provenance</a></nav></header>\n";
  return html;
}

std::string OverviewSection(const Json& report) {
  std::string cards;
  const Json& list = At(report, {"conductivity"});
  if (list.is_array()) {
    for (const Json& entry : list) cards += SigmaCard(entry);
  }
  cards += AccuracyCards(report) + LabelCard(report) + CostCard(report);
  return UnfinishedHtml(report) + "<div class=\"cards\">\n" + cards + "</div>\n" +
         NotesHtml(At(report, {"summary", "notes"})) + NeedsHtml(At(report, {"summary", "needs"}));
}

}  // namespace superion::report
