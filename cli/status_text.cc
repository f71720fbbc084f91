#include "cli/status_text.h"

#include <algorithm>
#include <cmath>

#include "cli/progress_bar.h"

namespace superion {
namespace {

constexpr int kOverallCells = 40;

double Number(const Json& object, const char* key, double otherwise = std::nan("")) {
  if (!object.is_object()) return otherwise;
  const auto it = object.find(key);
  return it != object.end() && it->is_number() ? it->get<double>() : otherwise;
}

std::string Text(const Json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

Json Part(const Json& object, const char* key) {
  if (!object.is_object()) return Json();
  const auto it = object.find(key);
  return it != object.end() ? *it : Json();
}

// "3 significant digits, no exponent where people do not expect one"
std::string Short(double x) {
  if (!std::isfinite(x)) return "–";
  const double size = std::abs(x);
  return size != 0 && (size < 1e-3 || size >= 1e5) ? fmt::format("{:.2e}", x) : fmt::format("{:.3g}", x);
}

std::string TaskCounts(const Json& status) {
  const Json tasks = Part(status, "tasks");
  std::string text;
  for (const char* state : {"done", "running", "ready", "waiting", "failed", "cancelled"}) {
    const double n = Number(tasks, state, 0);
    if (n > 0 || std::string(state) == "done")
      text += fmt::format("{}{:.0f} {}", text.empty() ? "" : ", ", n, state);
  }
  return text;
}

std::string Eta(const Json& status) {
  const double eta = Number(status, "eta_s", -1);
  if (eta < 0) return "";
  return fmt::format("  eta {}{}", Text(status, "eta_note").empty() ? "" : "at least ", FormatDuration(eta));
}

std::string Header(const Json& status) {
  std::string text = fmt::format("{}  {}", Text(status, "name"), Text(status, "state"));
  if (const std::string stage = Text(status, "stage"); !stage.empty()) text += "  " + stage;
  const double generation = Number(status, "generation");
  if (std::isfinite(generation)) text += fmt::format("  generation {:.0f}", generation);
  text += fmt::format("  elapsed {}", FormatDuration(Number(status, "elapsed_s", -1)));
  return text + Eta(status);
}

// Empty while it is not known; work that has not been measured yet can only add to it.
std::string Overall(const Json& status) {
  const double eta = Number(status, "eta_s", -1), elapsed = Number(status, "elapsed_s", 0);
  if (eta < 0 || elapsed + eta <= 0) return "";
  return fmt::format("{} {:3.0f} %{}", FormatBar(elapsed, elapsed + eta, kOverallCells),
                     std::floor(100 * elapsed / (elapsed + eta)), Eta(status));
}

std::string Heldout(const Json& heldout) {
  const double force = Number(heldout, "force_mae_mev_per_angstrom");
  if (!std::isfinite(force)) return "";
  std::string text = fmt::format("force MAE {} meV/Å", Short(force));
  const double rms = Number(heldout, "force_rms_mev_per_angstrom");
  if (std::isfinite(rms) && rms > 0) text += fmt::format(" ({:.1f} % of the force rms)", 100 * force / rms);
  const double energy = Number(heldout, "energy_mae_mev_per_atom");
  if (std::isfinite(energy)) text += fmt::format(", energy MAE {} meV/atom", Short(energy));
  const double frames = Number(heldout, "frames", Number(heldout, "n_frames"));
  if (std::isfinite(frames)) text += fmt::format(", {:.0f} frames", frames);
  return text;
}

std::string LabelCounts(const Json& document) {
  const double labels = Number(document, "labels"), failed = Number(document, "failed_labels", 0);
  if (!std::isfinite(labels)) return "";
  return failed > 0 ? fmt::format("{:.0f} labels ({:.0f} failed)", labels, failed)
                    : fmt::format("{:.0f} labels", labels);
}

TaskProgress ProgressOf(const Json& json) {
  return {Number(json, "done", 0), Number(json, "total", 0), Text(json, "unit"), Text(json, "message")};
}

std::string Interval(const Json& point) {
  const Json ci = Part(point, "ci95_s_per_m");
  if (!ci.is_array() || ci.size() != 2) return "";
  const double high = ci[1].is_number() ? ci[1].get<double>() : std::nan("");
  if (!ci[0].is_number()) return std::isfinite(high) ? fmt::format("< {} S/m", Short(high)) : "";
  return fmt::format("[{}, {}]", Short(ci[0].get<double>()), Short(high));
}

std::string FailedGates(const Json& point) {
  std::string text;
  const Json gates = Part(point, "gates");
  for (const Json& gate : gates.is_array() ? gates : Json::array()) {
    if (gate.is_object() && gate.value("passed", Json(true)) == false)
      text += (text.empty() ? "" : ", ") + Text(gate, "id");
  }
  return text;
}

void AddNotes(const Json& notes, const std::string& before, std::vector<std::string>* lines) {
  for (const Json& note : notes.is_array() ? notes : Json::array()) {
    if (note.is_string()) lines->push_back(before + note.get<std::string>());
  }
}

}  // namespace

bool HasEnded(const Json& status) {
  const std::string state = Text(status, "state");
  return state == "DONE" || state == "FAILED" || state == "CANCELLED";
}

std::string StatusKey(const Json& status) {
  return fmt::format("{}/{}/{}", Text(status, "state"), Text(status, "stage"),
                     Number(status, "generation", 0));
}

std::string StatusLine(const Json& status) {
  std::string text = Header(status) + "  tasks: " + TaskCounts(status);
  if (const std::string labels = LabelCounts(status); !labels.empty()) text += "  " + labels;
  const Json running = Part(status, "running");
  if (running.is_array() && !running.empty()) {
    const TaskProgress progress = ProgressOf(Part(running[0], "progress"));
    text += fmt::format("  {}", Text(running[0], "key"));
    if (progress.total > 0)
      text += fmt::format(" {:.0f} %", std::floor(100 * std::min(1.0, progress.done / progress.total)));
  }
  if (const std::string message = Text(status, "message"); !message.empty()) text += "  " + message;
  return text;
}

std::vector<std::string> StatusLines(const Json& status, size_t most_bars) {
  std::vector<std::string> lines = {Header(status)};
  if (std::string overall = Overall(status); !overall.empty()) lines.push_back(std::move(overall));
  std::string counts = "tasks: " + TaskCounts(status);
  if (const std::string labels = LabelCounts(status); !labels.empty()) counts += "   " + labels;
  lines.push_back(counts);
  if (const std::string heldout = Heldout(Part(status, "heldout")); !heldout.empty())
    lines.push_back("held-out: " + heldout);
  if (const std::string message = Text(status, "message"); !message.empty()) lines.push_back(message);
  const Json running = Part(status, "running");
  const size_t n = running.is_array() ? running.size() : 0;
  for (size_t k = 0; k < std::min(n, most_bars); ++k) {
    lines.push_back("  " + FormatProgress(Text(running[k], "key"), ProgressOf(Part(running[k], "progress")),
                                          Number(running[k], "elapsed_s", 0)));
  }
  if (n > most_bars) lines.push_back(fmt::format("  and {} more", n - most_bars));
  for (std::string& line : ConductivityLines(Part(status, "conductivity")))
    lines.push_back("  " + std::move(line));
  AddNotes(Part(status, "notes"), "note: ", &lines);
  return lines;
}

std::vector<std::string> ConductivityLines(const Json& conductivity) {
  std::vector<std::string> lines;
  for (const Json& point : conductivity.is_array() ? conductivity : Json::array()) {
    std::string line = fmt::format("{:5.0f} K  ", Number(point, "temperature_k", 0));
    const double sigma = Number(point, "sigma_s_per_m");
    const std::string interval = Interval(point);
    if (std::isfinite(sigma)) {
      line += fmt::format("σ = {} S/m  95 % {}", Short(sigma), interval.empty() ? "–" : interval);
    } else {
      line += "no value stated" + (interval.empty() ? "" : ", σ " + interval);
    }
    if (const std::string status = Text(point, "status"); !status.empty()) line += "  " + status;
    if (const std::string gates = FailedGates(point); !gates.empty())
      line += fmt::format("  (not passed: {})", gates);
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> SummaryLines(const Json& report) {
  std::vector<std::string> lines;
  if (const std::string state = Text(report, "state"); !state.empty() && state != "DONE") {
    const Json progress = Part(report, "progress");
    lines.push_back(fmt::format("so far        {}, stage {}: {}", state, Text(progress, "stage"),
                                Text(progress, "message")));
  }
  if (const std::string labels = LabelCounts(report); !labels.empty())
    lines.push_back("labels        " + labels);
  if (const std::string heldout = Heldout(Part(report, "heldout")); !heldout.empty())
    lines.push_back("held-out      " + heldout);
  const Json conductivity = Part(report, "conductivity");
  for (const std::string& line : ConductivityLines(conductivity)) {
    lines.push_back("conductivity  " + line);
  }
  const Json arrhenius = Part(report, "arrhenius");
  if (const double ea = Number(arrhenius, "ea_ev"); std::isfinite(ea)) {
    lines.push_back(fmt::format("activation    {} ± {} eV", Short(ea), Short(Number(arrhenius, "ea_sd_ev"))));
  }
  for (const Json& point : conductivity.is_array() ? conductivity : Json::array()) {
    const std::string needs = Text(Part(point, "needs"), "message");
    if (!needs.empty())
      lines.push_back(fmt::format("to converge   {:.0f} K: {}", Number(point, "temperature_k", 0), needs));
  }
  AddNotes(Part(Part(report, "summary"), "notes"), "note          ", &lines);
  return lines;
}

bool IsConverged(const Json& report) {
  const Json conductivity = Part(report, "conductivity");
  if (!conductivity.is_array() || conductivity.empty()) return false;
  return std::all_of(conductivity.begin(), conductivity.end(), [](const Json& point) {
    return std::isfinite(Number(point, "sigma_s_per_m")) && FailedGates(point).empty();
  });
}

std::vector<std::string> ListLines(const Json& campaigns) {
  std::vector<std::string> lines = {fmt::format("{:<6} {:<24} {:<10} {:<12} {:>9}  {}", "id", "name", "state",
                                                "stage", "elapsed", "tasks")};
  for (const Json& campaign : campaigns.is_array() ? campaigns : Json::array()) {
    lines.push_back(fmt::format("{:<6} {:<24} {:<10} {:<12} {:>9}  {}", Text(campaign, "campaign_id"),
                                Text(campaign, "name"), Text(campaign, "state"), Text(campaign, "stage"),
                                FormatDuration(Number(campaign, "elapsed_s", -1)), TaskCounts(campaign)));
  }
  return lines;
}

std::vector<std::string> TaskLines(const Json& tasks) {
  std::vector<std::string> lines = {fmt::format("{:<34} {:<10} {:<10} {:>8} {:>8}  {}", "task", "kind",
                                                "state", "attempt", "time", "message")};
  for (const Json& task : tasks.is_array() ? tasks : Json::array()) {
    const double seconds = Number(task, "elapsed_s", Number(task, "wall_s", 0));
    lines.push_back(fmt::format("{:<34} {:<10} {:<10} {:>8.0f} {:>8}  {}", Text(task, "key"),
                                Text(task, "kind"), Text(task, "state"), Number(task, "attempt", 0),
                                seconds > 0 ? FormatDuration(seconds) : "", Text(task, "message")));
  }
  return lines;
}

}  // namespace superion
