// The parts of the page. Each takes the whole report document (docs/report.md) and is total: what is missing
// is said.
#pragma once

#include <string>

#include "core/json.h"

namespace superion::report {

std::string HeaderHtml(const Json& report);
std::string OverviewSection(const Json& report);
std::string ConductivitySection(const Json& report);
// Curves, gates and estimators of one entry of `conductivity`.
std::string TemperatureSection(const Json& entry);
// Conductivity along the axes of one entry of `conductivity`; "" where the analysis has no tensor.
std::string TensorFigure(const Json& entry);
std::string ArrheniusSection(const Json& report);
std::string FiniteSizeSection(const Json& report);
// Every source of error side by side.
std::string BudgetSection(const Json& report);
std::string AccuracySection(const Json& report);
std::string LearningSection(const Json& report);
std::string ProvenanceSection(const Json& report);

// What a status of an analysis means, in a sentence; "" for one that is not known.
std::string StatusMeaning(const std::string& status);
// Target of the standard deviation of ln σ: of the campaign, else of gate G4, else 0.10.
double TargetOf(const Json& report);
std::string CampaignName(const Json& report);

}  // namespace superion::report
