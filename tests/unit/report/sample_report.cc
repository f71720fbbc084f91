#include "sample_report.h"

#include <cmath>

#include "core/random.h"

namespace superion {
namespace {

Json Gate(const char* id, const char* name, bool passed, double value, double limit, const char* message) {
  return {{"id", id},       {"name", name},   {"passed", passed},  {"measured", true},
          {"value", value}, {"limit", limit}, {"message", message}};
}

Json MsdCurves(double slope, Random* random) {
  Json li, s;
  for (int k = 0; k < 120; ++k) {
    const double t = 0.01 * std::pow(10.0, 4.0 * k / 119);
    li["t_ps"].push_back(t);
    s["t_ps"].push_back(t);
    const double noise = 1 + 0.02 * std::sqrt(t / 20) * random->Gaussian();
    li["msd_angstrom2"].push_back((0.9 * (1 - std::exp(-std::pow(t / 0.09, 1.5))) + slope * t) * noise);
    s["msd_angstrom2"].push_back(0.42 * (1 - std::exp(-std::pow(t / 0.11, 1.5))));
  }
  return {{"Li", li}, {"S", s}};
}

Json ChargeCurve(double slope, double total_ps, Random* random) {
  Json curve;
  double wander = 0;
  for (int k = 0; k < 150; ++k) {
    const double t = 0.01 * std::pow(10.0, 3.4 * k / 149);
    const double relative = std::sqrt(4 * t / (9 * total_ps));
    wander = 0.93 * wander + 0.3 * relative * random->Gaussian();
    const double mean = (30 * (1 - std::exp(-std::pow(t / 0.08, 1.6))) + slope * t) * (1 + wander);
    curve["t_ps"].push_back(t);
    curve["msd_e2_angstrom2"].push_back(mean);
    curve["sd_e2_angstrom2"].push_back(mean * relative);
  }
  return curve;
}

Json Periodogram(double sigma, double band, Random* random) {
  Json f = Json::array(), power = Json::array();
  for (int k = 0; k < 190; ++k) {
    const double x = 0.008 * std::pow(10.0, 3.7 * k / 189);
    const double shape = 1 + 40 * std::pow(x / 8, 2) / (1 + std::pow(x / 9, 6));
    const double scatter = 1 + 0.55 * random->Gaussian() / std::sqrt(1 + 4 * x / 0.05);
    f.push_back(x);
    power.push_back(sigma * shape * std::max(0.08, scatter));
  }
  return {{"f_thz", f},
          {"sigma_s_per_m", power},
          {"fit", {{"ln_sigma", std::log(sigma)}, {"curvature", 0.12}, {"band_thz", band}}}};
}

Json Beta() {
  Json beta = {{"t_ps", Json::array()}, {"beta", Json::array()}, {"s", Json::array()}};
  for (int k = 0; k < 60; ++k) {
    const double t = 0.02 * std::pow(10.0, 3.2 * k / 59);
    beta["t_ps"].push_back(t);
    beta["beta"].push_back(1.95 / (1 + std::pow(t / 0.07, 3)) + 1 / (1 + std::pow(0.9 / t, 1.2)));
    beta["s"].push_back(0.01 + 0.018 * std::sqrt(t));
  }
  return beta;
}

Json Axis(double sigma, double s) {
  return {{"sigma_s_per_m", sigma},
          {"ci95_s_per_m", {sigma * std::exp(-1.96 * s), sigma * std::exp(1.96 * s)}},
          {"s_tot", s}};
}

Json Tensor(double sigma) {
  return {
      {"per_axis",
       {{"x", Axis(0.95 * sigma, 0.15)}, {"y", Axis(1.02 * sigma, 0.16)}, {"z", Axis(1.03 * sigma, 0.14)}}},
      {"along_cell_vectors", {{"a", {{"sigma_s_per_m", 0.95 * sigma}, {"sd_s_per_m", 0.14 * sigma}}}}},
      {"sphericity", {{"p", 0.62}, {"isotropic", true}}},
      {"anisotropy", nullptr}};
}

Json Measured(double temperature_k, double sigma, double s_tot, const std::string& status) {
  Random random(static_cast<uint64_t>(temperature_k));
  const bool good = status == "CONVERGED";
  const double total = 800;
  return {
      {"temperature_k", temperature_k},
      {"volume_angstrom3", 1601.6},
      {"total_time_ps", total},
      {"n_seeds", 4},
      {"sigma_s_per_m", sigma},
      {"ci95_s_per_m", {sigma * std::exp(-1.96 * s_tot), sigma * std::exp(1.96 * s_tot)}},
      {"s_tot", s_tot},
      {"status", status},
      {"limited_by", good ? "" : "G4 precision"},
      {"gates",
       {Gate("G1", "equilibrated", true, 1.1, 2.5, "largest |z| of first against last part of the runs"),
        Gate("G2", "framework", true, 0.03, 0.2, "largest exponent of a framework species beyond 5 ps"),
        Gate("G3", "diffusive", true, 0.02, 0.05, "exponent within 0.05 of one over half a decade"),
        Gate("G4", "precision", good, s_tot, 0.1, "standard deviation of ln σ"),
        Gate("G5", "data", true, 812, 100, "total time in units of the correlation time"),
        Gate("G6", "seeds agree", true, 0.43, 0.01, "Bartlett test of equal variance"),
        Gate("G7", "estimators agree", true, 1.2, 2, "largest difference in combined standard deviations"),
        {{"id", "G8"},
         {"name", "stable"},
         {"passed", false},
         {"measured", false},
         {"value", nullptr},
         {"limit", nullptr},
         {"message", "needs two checks on growing data; this was the first"}}}},
      {"estimators",
       {{"whittle_lepski", {{"sigma_s_per_m", sigma}, {"s", s_tot}}},
        {"cepstral", {{"sigma_s_per_m", sigma * 1.06}, {"s", 0.09}}},
        {"gls_helfand", {{"sigma_s_per_m", sigma * 0.94}, {"s", 0.13}}},
        {"increments", {{"sigma_s_per_m", sigma * 1.03}, {"s", 0.11}}}}},
      {"d_tracer_cm2_per_s",
       {{"Li", {{"value", 3.1e-5 * sigma / 60}, {"ci95", {2.6e-5 * sigma / 60, 3.7e-5 * sigma / 60}}}}}},
      {"sigma_ne_s_per_m", sigma * 0.82},
      {"sigma_ne_ci95_s_per_m", {sigma * 0.7, sigma * 0.96}},
      {"haven_ratio", 0.82},
      {"haven_ratio_ci95", {0.66, 1.02}},
      {"tau_c_ps", 0.98},
      {"slow_relaxation",
       {{"resolved_up_to_ps", 27.4}, {"probability", 0.04}, {"relaxation_ps", 31.0}, {"sigma_ratio", 0.97}}},
      {"tensor", sigma > 80 ? Tensor(sigma) : Json()},
      {"needs",
       {{"total_time_ps", good ? 800 : 1900},
        {"seeds", 4},
        {"message", good ? "" : "1 100 ps more over 4 seeds (about 9 minutes on this machine)"}}},
      {"curves",
       {{"msd", MsdCurves(1.9 * sigma / 60, &random)},
        {"charge_msd", ChargeCurve(150 * sigma / 60, total, &random)},
        {"charge_msd_fit", {{"slope_e2_angstrom2_per_ps", 150 * sigma / 60}, {"intercept_e2_angstrom2", 30}}},
        {"fit_window_ps", {1.5, 22}},
        {"tracer_fit_window_ps", {2.0, 60}},
        {"diffusive_window_ps", {3, 20}},
        {"periodogram", Periodogram(sigma, 0.31, &random)},
        {"beta", Beta()}}}};
}

Json Bound() {
  return {
      {"temperature_k", 1100},
      {"sigma_s_per_m", nullptr},
      {"ci95_s_per_m", {nullptr, 2.4}},
      {"s_tot", nullptr},
      {"status", "NO_HOPS"},
      {"limited_by", "G3 diffusive"},
      {"total_time_ps", 400},
      {"n_seeds", 4},
      {"gates", {Gate("G3", "diffusive", false, 0.4, 2, "the displacement stays below twice its plateau")}},
      {"estimators", Json::object()},
      {"d_tracer_cm2_per_s", nullptr},
      {"tracer_note", "no hop was seen"},
      {"needs",
       {{"total_time_ps", 20000}, {"seeds", 4}, {"message", "about 20 ns, or a higher temperature"}}},
      {"curves", {{"charge_msd", {{"t_ps", Json::array()}, {"msd_e2_angstrom2", Json::array()}}}}}};
}

Json Interval(double centre, double s) { return {centre * std::exp(-1.96 * s), centre * std::exp(1.96 * s)}; }

Json Law(const char* name, double weight, double sigma, double s) {
  return {{"name", name},
          {"weight", weight},
          {"sigma_300k_s_per_m", sigma},
          {"ci95_300k_s_per_m", Interval(sigma, s)}};
}

Json Arrhenius() {
  const double kb = 8.617333262e-5, ea = 0.66, x = 1 / (kb * 1375), ln_a = std::log(61 * 1375.0) + ea * x;
  Json points = Json::array();
  const auto add = [&](double t, double sigma, double s) {
    points.push_back({{"temperature_k", t},
                      {"sigma_s_per_m", sigma},
                      {"ci95_s_per_m", Interval(sigma, s)},
                      {"sigma_ne_s_per_m", 0.82 * sigma},
                      {"used", true}});
  };
  add(1250, 38, 0.106);
  add(1375, 61, 0.082);
  add(1500, 88, 0.081);
  points.push_back({{"temperature_k", 1100},
                    {"sigma_s_per_m", nullptr},
                    {"ci95_s_per_m", {nullptr, 2.4}},
                    {"used", true}});
  return {{"points", points},
          {"ea_ev", ea},
          {"ea_sd_ev", 0.085},
          {"ea_ln_sigma_ev", 0.543},
          {"ln_a", ln_a},
          {"ln_a_sd", 0.085 * x * 1.003},
          {"covariance_ln_a_ea_ev", 0.085 * 0.085 * x},
          {"sigma_300k_s_per_m", 1.1e-6},
          {"ci95_300k_s_per_m", {6.2e-9, 2.0e-4}},
          {"with_curvature_300k", {{"sigma_s_per_m", 3.0e-8}, {"ci95_s_per_m", Interval(3.0e-8, 4.0)}}},
          {"model_average_300k", {{"sigma_s_per_m", 8.0e-7}, {"ci95_s_per_m", {2.0e-10, 2.2e-4}}}},
          {"models",
           {Law("line", 0.81, 1.1e-6, 2.65),
            Law("parabola", 0.12, 3.0e-8, 4.0),
            {{"name", "vft"}, {"weight", 0.07}, {"sigma_300k_s_per_m", nullptr}}}},
          {"bootstrap", {{"draws", 10000}, {"ci95_300k_s_per_m", {6.9e-9, 1.8e-4}}}},
          {"nernst_einstein",
           {{"ea_ev", 0.64},
            {"ea_sd_ev", 0.05},
            {"ln_a", ln_a - 0.2 - 0.02 * x},
            {"sigma_300k_s_per_m", 1.6e-6},
            {"ci95_300k_s_per_m", Interval(1.6e-6, 1.6)}}},
          {"chi2", 0.4},
          {"dof", 1},
          {"flags", {"EXTRAPOLATION_UNSAFE", "CENSORED"}},
          {"message", ""}};
}

Json Term(const char* source, Json s, const char* message, Json interval = {nullptr, nullptr}) {
  return {
      {"source", source}, {"s", s}, {"ci95_s", interval}, {"measured", s.is_number()}, {"message", message}};
}

Json Budget(double t, double sigma, double sampling) {
  return {{"temperature_k", t},
          {"sigma_s_per_m", sigma},
          {"terms",
           {Term("sampling", sampling, "length of the runs"),
            Term("potential", 0.07, "spread of 4 independently trained potentials", {0.02, 0.24}),
            Term("finite_size", 0.03,
                 "no dependence on the cell's size was found; it is known to 0.03 (of 1500 K, taken over)"),
            Term("estimators", 0.0, "3 other estimators agree within their errors (rms 0.05)")}},
          {"total",
           {{"s", std::hypot(sampling, 0.076)},
            {"ci95_s_per_m", Interval(sigma, std::hypot(sampling, 0.076))},
            {"lacks", Json::array()}}}};
}

Json ErrorBudget() {
  Json room = Budget(300, 1.1e-6, 2.65);
  room["terms"][1] = Term("potential", nullptr, "no committee of potentials was run (uncertainty.committee)");
  room["terms"].push_back(Term("extrapolation", 1.4, "3 laws of temperature averaged by Akaike's weights"));
  room["total"] = {{"s", 3.0}, {"ci95_s_per_m", Interval(1.1e-6, 3.0)}, {"lacks", {"potential"}}};
  return {{"temperatures", {Budget(1250, 38.0, 0.106), Budget(1375, 61.0, 0.082), Budget(1500, 88.0, 0.081)}},
          {"extrapolated", room},
          {"committee", Json::array()}};
}

Json FiniteSize() {
  Json points = Json::array();
  for (const auto& [length, sigma] : {std::pair(11.4, 79.0), std::pair(17.1, 86.0), std::pair(22.8, 88.0)})
    points.push_back(
        {{"length_angstrom", length}, {"sigma_s_per_m", sigma}, {"ci95_s_per_m", Interval(sigma, 0.08)}});
  return {{"temperature_k", 1500},
          {"points", points},
          {"production_length_angstrom", 22.8},
          {"status", "FINITE_SIZE_OK"},
          {"message", "the size of the production cell matters less than the error of sigma"},
          {"slope_angstrom", -2.4},
          {"slope_sd_angstrom", 1.7},
          {"ln_sigma_infinite", 4.58},
          {"ln_sigma_infinite_sd", 0.11},
          {"covariance_angstrom", -0.17},
          {"sigma_infinite_s_per_m", 97.5},
          {"ci95_infinite_s_per_m", {78.6, 121.0}},
          {"shift", -0.1053},
          {"shift_sd", 0.0746},
          {"chi2", 0.1},
          {"dof", 1}};
}

Json Errors(double force, double energy) {
  return {{"force_mae_mev_per_angstrom", 0.74 * force},
          {"force_rmse_mev_per_angstrom", force},
          {"force_rms_mev_per_angstrom", 1180.0},
          {"energy_mae_mev_per_atom", energy},
          {"energy_rmse_mev_per_atom", 1.3 * energy}};
}

Json Learning() {
  Json generations = Json::array(), curves = Json::array();
  const double rmse[4] = {96, 61, 47, 41};
  const int accurate[4] = {118, 262, 339, 352}, candidate[4] = {170, 79, 17, 7}, failed[4] = {72, 19, 4, 1};
  for (int g = 0; g < 4; ++g) {
    generations.push_back({{"generation", g},
                           {"labels", 96 + 48 * g},
                           {"train", Errors(0.8 * rmse[g], 0.9 - 0.15 * g)},
                           {"valid", Errors(rmse[g], 1.4 - 0.2 * g)},
                           {"accurate", accurate[g]},
                           {"candidate", candidate[g]},
                           {"failed", failed[g]},
                           {"candidate_fraction", candidate[g] / 360.0}});
    Json curve = {{"generation", g}, {"key", "generation-" + std::to_string(g) + "/train"}};
    for (int e = 1; e <= 60; ++e) {
      curve["epochs"].push_back(e);
      const double start = g == 0 ? 900 : 1.6 * rmse[g];
      curve["valid_force_rmse"].push_back(rmse[g] + (start - rmse[g]) * std::exp(-e / 11.0));
    }
    curves.push_back(curve);
  }
  return {{"generations", generations},
          {"learning_curves", curves},
          {"converged", true},
          {"reason", "the fraction of unknown frames stayed below its limit over two generations"}};
}

Json Parity() {
  Random random(3);
  Json parity = {{"forces", Json::array()}, {"energies", Json::array()}};
  for (int k = 0; k < 3500; ++k) {
    const double f = 1.1 * random.Gaussian();
    parity["forces"].push_back({f, f + 0.034 * random.Gaussian() * (1 + std::abs(f))});
  }
  for (int k = 0; k < 45; ++k) {
    const double e = -152.31 + 0.02 * random.Gaussian();
    parity["energies"].push_back({e, e + 0.0013 * random.Gaussian()});
  }
  return parity;
}

Json Calibration() {
  Json bins = Json::array();
  for (int k = 0; k < 10; ++k) {
    const double predicted = 0.012 * std::pow(1.38, k);
    bins.push_back({{"predicted", predicted}, {"rmse", predicted * (1.1 - 0.02 * k)}, {"n", 160}});
  }
  return {{"auroc_worst5", 0.87},
          {"coverage90", 0.912},
          {"scale_ev_per_angstrom", 0.021},
          {"n_frames", 45},
          {"bins", bins}};
}

}  // namespace

Json SampleReport() {
  Json heldout = Errors(45.2, 1.05);
  heldout["frames"] = 45;
  heldout["force_mae_fraction"] = heldout["force_mae_mev_per_angstrom"].get<double>() / 1180.0;
  heldout["per_species"] = {{"Li", Errors(38.1, 1.05)}, {"S", Errors(57.3, 1.05)}};
  return {
      {"schema", 1},
      {"labels", 243},
      {"heldout", heldout},
      {"conductivity",
       {Bound(), Measured(1250, 38.0, 0.106, "RUNNING"), Measured(1375, 61.0, 0.082, "CONVERGED"),
        Measured(1500, 88.0, 0.081, "CONVERGED")}},
      {"arrhenius", Arrhenius()},
      {"error_budget", ErrorBudget()},
      {"finite_size", FiniteSize()},
      {"learning", Learning()},
      {"parity", Parity()},
      {"calibration", Calibration()},
      {"summary",
       {{"campaign", "li2s_quickstart"},
        {"formula", "Li8S4"},
        {"atoms", 12},
        {"labels", 243},
        {"failed_labels", 2},
        {"failed_labels_by_class", {{"NOT_CONVERGED", 2}}},
        {"tasks", 118},
        {"wall_s", 742},
        {"task_wall_s", 1391},
        {"task_cpu_s", 1260},
        {"notes", {"production at 1250 K: the uncertainty gate stopped 1 of 4 runs <grade>"}},
        {"node_hours", 0.386},
        {"wall_s_by_stage", {{"bootstrap", 224}, {"learning", 610}, {"heldout", 71}, {"production", 486}}},
        {"needs",
         {{{"temperature_k", 1100}, {"needs", {{"message", "about 20 ns, or a higher temperature"}}}},
          {{"temperature_k", 1250},
           {"needs", {{"message", "1 100 ps more over 4 seeds (about 9 minutes on this machine)"}}},
           {"cost", {{"core_hours_more", 0.31}}}}}}}},
      {"campaign", {{"name", "li2s_quickstart"}, {"target", {{"s_tot", 0.1}}}}},
      {"provenance",
       {{"seed", 20260101},
        {"model_sha256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
        {"preflight",
         {{"program_version", "PWSCF v.6.7"},
          {"pseudopotentials",
           {{"Li", {{"file", "Li.pbe-tm-nlcc.UPF"}, {"content_sha256", std::string(64, 'a')}}},
            {"S", {{"file", "S.pbe-tm.UPF"}, {"content_sha256", std::string(64, 'b')}}}}}}},
        {"artifacts",
         {{{"task", "final/train"},
           {"artifact", "model"},
           {"sha256", std::string(64, 'c')},
           {"bytes", 81234}}}}}}};
}

}  // namespace superion
