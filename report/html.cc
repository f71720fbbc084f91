#include "report/html.h"

#include "report/markup.h"
#include "report/sections.h"
#include "report/style.h"

namespace superion {

std::string RenderReport(const Json& document) {
  std::string page = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  page += "<meta name=\"color-scheme\" content=\"light\">\n";
  page += "<title>" + report::Escape(report::CampaignName(document)) + " – superion report</title>\n";
  page += std::string("<style>") + report::kStyle + "</style>\n</head>\n<body>\n";
  page += report::HeaderHtml(document);
  page += report::OverviewSection(document);
  page += report::ConductivitySection(document);
  page += report::ArrheniusSection(document);
  page += report::BudgetSection(document);
  page += report::FiniteSizeSection(document);
  page += report::AccuracySection(document);
  page += report::LearningSection(document);
  page += report::ProvenanceSection(document);
  page +=
      "<footer>Made by superion. Intervals are 95 % intervals. Every number of this page, with its unit, is "
      "in the "
      "report.json beside it.</footer>\n</body>\n</html>\n";
  return page;
}

}  // namespace superion
