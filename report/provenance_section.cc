#include "report/format.h"
#include "report/markup.h"
#include "report/sections.h"

namespace superion::report {
namespace {

std::string Mono(const std::string& text) { return "<span class=\"mono\">" + Escape(text) + "</span>"; }

// Objects and lists are walked so that every value of the document finds its line: "preflight · Li · file".
void AddRows(const std::string& name, const Json& value, int depth, Table* table) {
  if (value.is_object() && depth < 4) {
    for (const auto& [key, inner] : value.items()) {
      AddRows(name.empty() ? key : name + " · " + key, inner, depth + 1, table);
    }
    return;
  }
  if (value.is_null() || table->rows.size() > 400) return;
  table->rows.push_back({Escape(name), Mono(value.is_string() ? value.get<std::string>() : DumpJson(value))});
}

std::string ArtifactTable(const Json& artifacts) {
  if (!artifacts.is_array() || artifacts.empty()) return "";
  Table table;
  table.header = {"task", "artifact", "SHA-256", "bytes"};
  table.numeric = {false, false, false, true};
  for (const Json& a : artifacts) {
    table.rows.push_back({Escape(TextAt(a, {"task"})), Escape(TextAt(a, {"artifact"})),
                          Mono(TextAt(a, {"sha256"})), Escape(TextAt(a, {"bytes"}))});
  }
  return Details(fmt::format("Artifacts ({})", artifacts.size()), Render(table));
}

}  // namespace

std::string ProvenanceSection(const Json& report) {
  const Json& provenance = At(report, {"provenance"});
  std::string html;
  if (!provenance.is_object() || provenance.empty()) {
    html = Missing("Provenance", "the document names none");
  } else {
    Table table;
    table.header = {"what", "identity"};
    Json rest = provenance;
    rest.erase("artifacts");
    AddRows("", rest, 0, &table);
    html = Render(table) + ArtifactTable(At(provenance, {"artifacts"}));
  }
  const Json& unread = At(report, {"unread_artifacts"});
  if (unread.is_array() && !unread.empty()) {
    std::string items;
    for (const Json& text : unread)
      items += "<li>" + Escape(text.is_string() ? text.get<std::string>() : DumpJson(text)) + "</li>";
    html += "<div class=\"needs\"><b>Could not be read</b><ul>" + items + "</ul></div>";
  }
  const Json& campaign = At(report, {"campaign"});
  if (campaign.is_object()) {
    Json shown = campaign;
    shown.erase("structure");
    html +=
        Details("Settings of the campaign", "<pre class=\"mono\">" + Escape(DumpJson(shown, 1)) + "</pre>");
  }
  return Section("provenance", "Provenance", html);
}

}  // namespace superion::report
