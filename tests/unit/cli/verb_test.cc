// The verbs as users call them: options, exit codes, messages; and the stand-alone ones with a runner that
// only writes down what it was asked for.
#include <gmock/gmock.h>

#include "tests/unit/cli/verb_fixture.h"

namespace superion {
namespace {

using ::testing::HasSubstr;

TEST_F(VerbTest, WrongUseIsTwo) {
  EXPECT_EQ(Call({}).code, 2);
  EXPECT_EQ(Call({"dance"}).code, 2);
  EXPECT_EQ(Call({"md", "--model", "m.superion"}).code, 2);
  EXPECT_EQ(Call({"--help"}).code, 0);
  EXPECT_EQ(Call({"--version"}).code, 0);
}

TEST_F(VerbTest, AnUnknownCommandIsNamedWithWhatMayHaveBeenMeant) {
  const Answer slip = Call({"valdiate", "x.toml"});
  EXPECT_EQ(slip.code, 2);
  EXPECT_THAT(slip.err, HasSubstr("no command \"valdiate\", did you mean \"validate\"?"));
  EXPECT_THAT(Call({"sing"}).err, HasSubstr("no command \"sing\"; superion --help"));
}

TEST_F(VerbTest, NoDaemonIsFour) {
  const Answer answer = Call({"status", "--data-dir", root_});
  EXPECT_EQ(answer.code, 4);
  EXPECT_THAT(answer.err, HasSubstr("no daemon serves the folder"));
  EXPECT_EQ(Call({"list"}).code, 2);
}

TEST_F(VerbTest, ValidateNamesTheMistake) {
  const std::string examples = std::string(SUPERION_SOURCE_DIR) + "/examples";
  EXPECT_EQ(Call({"validate", examples + "/li2s_quickstart.toml"}).code, 0);
  const Answer json = Call({"validate", examples + "/li2s_quickstart.toml", "--json"});
  EXPECT_EQ(Json::parse(json.out)["structure"]["species"].size(), 12u);
  std::ofstream(root_ + "/bad.toml") << "schema = 1\nnme = \"x\"\n";
  const Answer bad = Call({"validate", "bad.toml"});
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.err, HasSubstr("did you mean \"name\"?"));
}

TEST_F(VerbTest, MdTurnsTimesIntoSteps) {
  Runner("superion-md", R"({"steps_done": 5000, "mean_temperature_k": 900})");
  const Answer answer = Call({"md",        "--model",     "m.superion", "--structure",
                              "a.xyz",     "--ensemble",  "nvt",        "--temperature-k",
                              "900",       "--time-ps",   "10",         "--timestep-fs",
                              "2",         "--supercell", "2,2,2",      "--field-v-per-angstrom",
                              "0,0,-0.01", "--charges",   "Li=1",       "--seed",
                              "9",         "--out",       "run",        "--json"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(Json::parse(answer.out)["steps_done"], 5000);
  EXPECT_FALSE(Json::parse(answer.out).contains("cpu_s")) << "the same input prints the same";
  const Json spec = Spec();
  EXPECT_EQ(spec["kind"], "md");
  EXPECT_EQ(spec["seed"], 9);
  EXPECT_EQ(spec["params"]["steps"], 5000);
  EXPECT_EQ(spec["params"]["equilibration_steps"], 500);
  EXPECT_EQ(spec["params"]["supercell"], Json({2, 2, 2}));
  EXPECT_EQ(spec["params"]["field_v_per_angstrom"][2], -0.01);
  EXPECT_TRUE(spec["params"]["gate"].is_null());
  EXPECT_EQ(spec["inputs"][0]["name"], "model");
  EXPECT_TRUE(fs::exists(root_ + "/run/result.json"));
}

TEST_F(VerbTest, FieldWithoutChargesIsRefused) {
  const Answer answer = Call({"md", "--model", "m.superion", "--structure", "a.xyz", "--temperature-k", "900",
                              "--time-ps", "1", "--field-v-per-angstrom", "0,0,1", "--out", "run"});
  EXPECT_EQ(answer.code, 2);
  EXPECT_THAT(answer.err, HasSubstr("--charges"));
}

TEST_F(VerbTest, TrainPutsTheModelInPlace) {
  Runner("superion-train", R"({"epochs": 3})", R"([{"name": "model", "path": "out.bin"}])",
         "echo trained > out.bin");
  const Answer answer =
      Call({"train", "--train", "a.xyz", "--size", "M", "--cutoff-angstrom", "5", "--max-time-s", "7",
            "--device", "cpu", "--charges", "Li=0.7", "--out", "new.superion"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(*ReadFile(root_ + "/new.superion"), "trained\n");
  EXPECT_EQ(Spec()["params"]["size"], "M");
  EXPECT_EQ(Spec()["params"]["max_time_s"], 7);
  EXPECT_FALSE(Spec()["params"].contains("epochs"));
  EXPECT_EQ(Spec()["params"]["charges"], Json({{"Li", 0.7}}));
  for (const auto& entry : fs::directory_iterator(root_)) {
    EXPECT_NE(entry.path().filename().string().rfind(".superion-", 0), 0u) << "scratch folder left behind";
  }
}

TEST_F(VerbTest, AFailedRunnerIsOneWithItsReason) {
  Script("superion-learn", "echo 'cannot read the model' >&2\nexit 9");
  const Answer answer = Call({"eval", "--model", "m.superion", "--data", "a.xyz", "--json"});
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.err, HasSubstr("cannot read the model"));
  EXPECT_EQ(answer.out, "");
}

TEST_F(VerbTest, EvalPrintsTheMetrics) {
  Runner("superion-learn", R"({"n_frames": 1, "force_mae_mev_per_angstrom": 12.5})");
  const Answer answer = Call({"eval", "--model", "m.superion", "--data", "a.xyz", "--json"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(Json::parse(answer.out)["force_mae_mev_per_angstrom"], 12.5);
  EXPECT_FALSE(Spec()["params"].contains("precision"));
  Runner("superion-learn",
         R"({"n_frames": 1, "energy_mae_mev_per_atom": null, "force_mae_mev_per_angstrom": 12.5})");
  const Answer forces = Call({"eval", "--model", "m.superion", "--data", "a.xyz"});
  EXPECT_EQ(forces.code, 0) << "no energy in the data: " << forces.err;
  EXPECT_THAT(forces.out, HasSubstr("force            12.5"));
  ASSERT_EQ(Call({"eval", "--model", "m.superion", "--data", "a.xyz", "--precision"}).code, 0);
  EXPECT_EQ(Spec()["params"]["precision"], true);
}

TEST_F(VerbTest, LabelChecksSpeciesAndReportsFailures) {
  Runner("superion-dft", R"({"labelled": 1, "failed": 1})", R"([{"name": "labelled", "path": "l.xyz"}])",
         "echo done > l.xyz");
  std::ofstream(root_ + "/l.json")
      << R"({"kind": "qe", "ecutwfc_ry": 20, "pseudopotentials": {"Li": "Li.UPF"}})";
  const Answer answer =
      Call({"label", "--labeler", "l.json", "--in", "a.xyz", "--out", "b.xyz", "--threads", "1"});
  EXPECT_EQ(answer.code, 3) << answer.err;
  EXPECT_EQ(*ReadFile(root_ + "/b.xyz"), "done\n");
  EXPECT_EQ(Spec()["params"]["labeler"]["conv_thr_ry"], 1e-7);
  std::ofstream(root_ + "/l.json")
      << R"({"kind": "qe", "ecutwfc_ry": 20, "pseudopotentials": {"S": "S.UPF"}})";
  const Answer missing = Call({"label", "--labeler", "l.json", "--in", "a.xyz", "--out", "b.xyz"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("no pseudopotential for Li"));
}

TEST_F(VerbTest, AnalyzeTakesRunsOrACurrent) {
  Runner("superion-analyze",
         R"({"temperature_k": 300, "sigma_s_per_m": 1.5, "ci95_s_per_m": [1, 2], "status": "CONVERGED",
      "gates": [{"id": "G-1", "passed": false}]})");
  std::ofstream(root_ + "/j.txt") << "1 2 3\n";
  const std::vector<std::string> current = {"analyze", "--current",       "j.txt", "--columns",
                                            "2,3",     "--timestep-fs",   "1",     "--volume-angstrom3",
                                            "1000",    "--temperature-k", "300",   "--json"};
  const Answer answer = Call(current);
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(Json::parse(answer.out)["sigma_s_per_m"], 1.5);
  EXPECT_EQ(Spec()["params"]["columns"], Json({2, 3}));
  EXPECT_EQ(Spec()["inputs"][0]["name"], "current");
  std::vector<std::string> strict = current;
  strict.push_back("--require-converged");
  EXPECT_EQ(Call(strict).code, 3);
  EXPECT_EQ(Call({"analyze", "a.xyz", "--json"}).code, 2);
  ASSERT_EQ(Call({"analyze", "a.xyz", "--charges", "Li=1", "--per-axis", "--no-symmetry", "--block-ps",
                  "85,170", "--json"})
                .code,
            0);
  EXPECT_EQ(Spec()["params"]["per_axis"], true);
  EXPECT_EQ(Spec()["params"]["symmetry"], "none");
  EXPECT_EQ(Spec()["params"]["block_ps"], Json({85.0, 170.0}));
  ASSERT_EQ(Call({"analyze", "a.xyz", "--charges", "Li=1", "--mobile", "Li,Na", "--json"}).code, 0);
  EXPECT_EQ(Spec()["params"]["mobile"], Json({"Li", "Na"}));
  EXPECT_EQ(Spec()["inputs"][0]["name"], "trajectory");
  EXPECT_EQ(Call({"analyze", "--current", "j.txt", "--json"}).code, 2);
  std::ofstream(root_ + "/charges") << "Li 1 # formal\nS -2\n";
  ASSERT_EQ(
      Call({"analyze", "a.xyz", "--charges", "charges", "--join", "--memory-mib", "100", "--json"}).code, 0);
  EXPECT_EQ(Spec()["params"]["charges"], Json({{"Li", 1.0}, {"S", -2.0}}));
  EXPECT_EQ(Spec()["params"]["groups"], Json::parse("[[0]]"));
  EXPECT_EQ(Spec()["params"]["memory_mib"], 100.0);
  ASSERT_EQ(Call({"analyze", "a.xyz", "--charge-column", "q", "--json"}).code, 0);
  EXPECT_EQ(Spec()["params"]["charge_column"], "q");
  std::vector<std::string> dipole = current;
  dipole[1] = "--dipole";
  dipole[4] = "px,py";
  dipole.insert(dipole.end(), {"--unit", "debye"});
  ASSERT_EQ(Call(dipole).code, 0);
  EXPECT_EQ(Spec()["inputs"][0]["name"], "dipole");
  EXPECT_EQ(Spec()["params"]["columns"], Json({"px", "py"}));
  EXPECT_EQ(Spec()["params"]["unit"], "debye");
}

TEST_F(VerbTest, AnalyzeTakesRunsInFieldsAndTwins) {
  Runner(
      "superion-analyze",
      R"({"directions": [{"label": "x", "sigma_s_per_m": 1.5, "ci95_s_per_m": [1, 2], "linearity": "LINEAR",
      "points": [{"field_v_per_angstrom": 0.01, "sigma_s_per_m": 1.6, "s_sigma": 0.1, "paired": false}],
      "equilibrium": {"sigma_s_per_m": 1.4, "s": 0.1, "z": -0.7}, "flags": ["UNPAIRED"]}]})",
      R"([{"name": "nemd", "path": "n.json"}])", "echo document > n.json");
  const Answer nemd = Call({"analyze", "--nemd", "a.xyz", "--mobile", "Li", "--out", "kept.json"});
  ASSERT_EQ(nemd.code, 0) << nemd.err;
  EXPECT_THAT(nemd.out, HasSubstr("along x: σ = 1.5 S/m"));
  EXPECT_THAT(nemd.out, HasSubstr("0.7 standard deviations"));
  EXPECT_THAT(nemd.out, HasSubstr("UNPAIRED"));
  EXPECT_EQ(Spec()["kind"], "nemd");
  EXPECT_EQ(Spec()["params"]["mobile"], Json({"Li"}));
  EXPECT_EQ(*ReadFile(root_ + "/kept.json"), "document\n");
  Runner("superion-analyze",
         R"({"lambda_per_ps": 2, "pairs": 5, "status": "OK", "ci95_per_ps": [1.8, 2.2],
      "horizon_ps": {"float32": 6.8, "float64": 16.9}})");
  std::ofstream(root_ + "/b.xyz") << "twin";
  const Answer twins = Call({"analyze", "--divergence", "a.xyz", "b.xyz"});
  ASSERT_EQ(twins.code, 0) << twins.err;
  EXPECT_THAT(twins.out, HasSubstr("λ = 2 /ps over 5 pairs"));
  EXPECT_THAT(twins.out, HasSubstr("6.8 ps in float32"));
  EXPECT_EQ(Spec()["kind"], "divergence");
  EXPECT_EQ(Spec()["inputs"].size(), 2u);
  EXPECT_EQ(Call({"analyze", "--divergence", "--nemd", "a.xyz"}).code, 2);
}

TEST_F(VerbTest, AnalyzeAsksForStructure) {
  Runner("superion-analyze", R"({"notes": ["a note"]})",
         R"([{"name": "structure", "path": "structure.json"}])", "echo {} > structure.json");
  const Answer answer =
      Call({"analyze", "a.xyz", "--observables", "rdf,angles,coordination", "--coordination", "Li-S",
            "--cutoffs", "2.5,2.6", "--empty-tetrahedra", "I=6", "--out", "found"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.out, HasSubstr("a note"));
  EXPECT_EQ(*ReadFile(root_ + "/found/structure.json"), "{}\n");
  EXPECT_EQ(Spec()["kind"], "structure");
  EXPECT_EQ(Spec()["params"]["observables"], Json({"rdf", "angles", "coordination"}));
  EXPECT_EQ(Spec()["params"]["coordination"],
            Json({{"centre", "Li"}, {"neighbor", "S"}, {"cutoffs_angstrom", {2.5, 2.6}}}));
  EXPECT_EQ(Spec()["params"]["empty_tetrahedra"]["longest_edge_angstrom"], 6.0);
  ASSERT_EQ(Call({"analyze", "a.xyz", "--recipe", "glass", "--json"}).code, 0);
  EXPECT_EQ(Spec()["params"]["recipe"], "glass");
  EXPECT_EQ(Call({"analyze", "a.xyz", "--recipe", "soup"}).code, 2);
  std::ofstream(root_ + "/b.xyz") << "of ab initio MD";
  std::ofstream(root_ + "/eval.json") << "{}";
  ASSERT_EQ(
      Call({"analyze", "a.xyz", "--recipe", "validation", "--reference", "b.xyz", "--larger-cell", "b.xyz",
            "--eval", "eval.json", "--sites", "b.xyz", "--residence-ps", "0.5", "--join", "--json"})
          .code,
      0);
  EXPECT_EQ(Spec()["kind"], "structure");
  EXPECT_EQ(Spec()["params"]["recipe"], "validation");
  EXPECT_EQ(Spec()["params"]["sites"], Json({{"residence_ps", 0.5}}));
  EXPECT_EQ(Spec()["params"]["groups"], Json::parse("[[0]]"));
  std::vector<std::string> names;
  const Json spec = Spec();
  for (const Json& input : spec["inputs"]) names.push_back(input["name"]);
  EXPECT_THAT(names,
              testing::UnorderedElementsAre("trajectory", "reference", "larger_cell", "evaluation", "sites"));
  EXPECT_EQ(Call({"analyze", "a.xyz", "--recipe", "glass", "--reference", "b.xyz"}).code, 2);
  EXPECT_EQ(Call({"analyze", "a.xyz", "--structure", "--coordination", "Li"}).code, 2);
}

TEST_F(VerbTest, AnalyzeRepeatsStudiesOfTransport) {
  Runner("superion-analyze", R"({"temperature_k": 600, "sigma_s_per_m": null, "ci95_s_per_m": [null, 2],
      "status": "NO_HOPS", "recipe": {"name": "green-kubo", "source": "a study",
      "rows": [{"quantity": "σ", "study": "their number", "ours": "our number"}]}})",
         R"([{"name": "analysis", "path": "a.json"}])", "echo document > a.json");
  const Answer answer = Call({"analyze", "a.xyz", "--recipe", "green-kubo", "--charges", "Li=1,S=-2"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(Spec()["kind"], "analyze");
  EXPECT_EQ(Spec()["params"]["recipe"], "green-kubo");
  for (const char* text : {"recipe green-kubo (a study)", "study  their number", "ours   our number"})
    EXPECT_THAT(answer.out, HasSubstr(text));
  const Answer json = Call({"analyze", "a.xyz", "--recipe", "block-method", "--block-ps", "5", "--charges",
                            "Li=1,S=-2", "--json"});
  ASSERT_EQ(json.code, 0);
  EXPECT_EQ(Json::parse(json.out)["recipe"]["rows"].size(), 1u);
  EXPECT_EQ(Call({"analyze", "a.xyz", "--recipe", "green-kubo"}).code, 2) << "without charges";
  EXPECT_EQ(Call({"analyze", "a.xyz", "--recipe", "green-kubo", "--charges", "Li=1", "--neb", "a.xyz"}).code,
            2);
}

// Every set of runs in one table; what one of them lacks is a dash.
TEST_F(VerbTest, AnalyzeComparesSetsOfRuns) {
  Runner("superion-analyze", R"({"notes": [], "recipe": {"name": "validation", "source": "s", "rows": []},
      "comparison": {
        "larger-cell": {"numbers": [], "curves": []},
        "reference": {
          "numbers": [{"quantity": "band centre of Li", "unit": "cm⁻¹", "here": {"value": 333.8, "error": 1.7},
            "other": {"value": 350, "error": 2}, "errors_apart": 6.2, "limit": 2.3, "agrees": false}],
          "curves": [{"quantity": "g(r) of Li-S", "mean_difference": 0.01, "largest_errors_apart": 3.1,
            "limit": 6.9, "agrees": true}]}}})");
  EXPECT_EQ(Call({"analyze", "a.xyz", "--recipe", "validation", "--reference", "a.xyz"}).code, 2);
  std::ofstream(root_ + "/b.xyz") << "other";
  const Answer answer = Call({"analyze", "a.xyz", "--recipe", "validation", "--reference", "b.xyz"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.out, testing::ContainsRegex(
                              "band centre of Li, cm.* 333.8 .* 1.7 .*- .*350 .* 2 .*6.2/2.3 DIFFERS"));
  EXPECT_THAT(answer.out, testing::ContainsRegex("g\\(r\\) of Li-S .*mean .* 0.01 .*3.1/6.9 "));
}

TEST_F(VerbTest, AnalyzeRepeatsTheStudyInAField) {
  Runner("superion-analyze", R"({"directions": [], "equilibrium": null, "recipe": {"name": "lgps-nemd",
      "source": "s", "rows": [], "missing": ["barriers: paths"]}})",
         R"([{"name": "nemd", "path": "nemd.json"}, {"name": "curve", "path": "rdf-P-S.csv"}])",
         "echo document > nemd.json; echo curve > rdf-P-S.csv");
  std::ofstream(root_ + "/neb.json") << "{}";
  const Answer answer = Call({"analyze", "a.xyz", "--recipe", "lgps-nemd", "--neb", "neb.json", "--charges",
                              "Li=1,S=-2", "--types", "1=Li", "--out", "lgps"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(Spec()["kind"], "nemd");
  EXPECT_EQ(Spec()["params"]["recipe"], "lgps-nemd");
  EXPECT_EQ(Spec()["params"]["types"], Json({{"1", "Li"}}));
  EXPECT_EQ(Spec()["inputs"][1]["name"], "neb");
  EXPECT_THAT(answer.out, HasSubstr("not given: barriers: paths"));
  EXPECT_EQ(*ReadFile(root_ + "/lgps/nemd.json"), "document\n");
  EXPECT_EQ(*ReadFile(root_ + "/lgps/rdf-P-S.csv"), "curve\n");
}

TEST_F(VerbTest, FitsTakeDocumentsOfAnalyses) {
  Runner("superion-analyze",
         R"({"ea_ev": 0.31, "ea_sd_ev": 0.02, "sigma_300k_s_per_m": 0.5, "ci95_300k_s_per_m": [0.2, 1.1],
      "chi2": 2, "dof": 1, "flags": ["EXTRAPOLATION_UNSAFE", "POINTS_NOT_CONVERGED"], "message": "mind", "status": "FINITE_SIZE_OK",
      "shift": 0.01, "shift_sd": 0.02, "slope_angstrom": 0.2, "slope_sd_angstrom": 0.4,
      "sigma_infinite_s_per_m": 1.5, "ci95_infinite_s_per_m": [1.2, 1.8], "production_length_angstrom": 20,
      "notes": ["one does not say its ions"],
      "yeh_hummer": {"viscosity_pa_s": 0.001, "sizes": [{"length_angstrom": 20, "d_shift_cm2_per_s": 6.23e-6}]},
      "framework": {"lambda_gpa": 10, "mu_gpa": 20, "sizes": [{"length_angstrom": 20,
        "u2_missing_angstrom2": 0.02, "b_factor_missing_angstrom2": 0.5}]}})");
  std::ofstream(root_ + "/1.json") << "{}";
  std::ofstream(root_ + "/2.json") << "{}";
  const Answer arrhenius = Call({"arrhenius", "1.json", "2.json"});
  ASSERT_EQ(arrhenius.code, 0) << arrhenius.err;
  EXPECT_THAT(arrhenius.out, HasSubstr("0.3100"));
  EXPECT_THAT(arrhenius.out, HasSubstr("EXTRAPOLATION_UNSAFE"));
  EXPECT_THAT(arrhenius.out, HasSubstr("POINTS_NOT_CONVERGED"));
  EXPECT_EQ(Call({"arrhenius", "1.json", "2.json", "--require-converged"}).code, 3);
  EXPECT_EQ(Spec()["kind"], "arrhenius");
  EXPECT_EQ(Spec()["inputs"].size(), 2u);
  const Answer sizes = Call({"finite-size", "1.json", "2.json", "--viscosity-pa-s", "0.001"});
  ASSERT_EQ(sizes.code, 0) << sizes.err;
  EXPECT_THAT(sizes.out, HasSubstr("FINITE_SIZE_OK"));
  EXPECT_THAT(sizes.out, HasSubstr("POINTS_NOT_CONVERGED"));
  EXPECT_EQ(Spec()["params"], Json({{"viscosity_pa_s", 0.001}}));
  EXPECT_THAT(sizes.out, HasSubstr("note: one does not say its ions"));
  EXPECT_THAT(sizes.out, HasSubstr("L = 20.00 Å              6.23e-06 cm²/s"));
  EXPECT_THAT(sizes.out, HasSubstr("⟨u²⟩ 0.02 Å², B 0.5 Å²"));
  EXPECT_EQ(Call({"finite-size", "1.json", "--lambda-gpa", "20"}).code, 2) << "the other constant is missing";
  EXPECT_EQ(Call({"arrhenius"}).code, 2);
}

TEST_F(VerbTest, NebHandsOverBothEnds) {
  Runner("superion-md",
         R"({"converged": true, "barrier_forward_ev": 0.25, "barrier_backward_ev": 0.2, "saddle":
      {"imaginary_modes": 2, "max_force_ev_per_angstrom": 0.01}, "inner_minima": [{}]})");
  const std::vector<std::string> call = {"neb",   "--model",  "m.superion", "--initial", "a.xyz", "--final",
                                         "a.xyz", "--images", "5",          "--out",     "hop"};
  const Answer answer = Call(call);
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.out, HasSubstr("barrier 0.250 eV forward, 0.200 eV backward"));
  EXPECT_THAT(answer.out, HasSubstr("not a saddle of first order"));
  EXPECT_THAT(answer.out, HasSubstr("1 minima on the way"));
  EXPECT_EQ(Spec()["kind"], "neb");
  EXPECT_EQ(Spec()["params"]["images"], 5);
  EXPECT_EQ(Spec()["inputs"].size(), 3u);
  Runner("superion-md", R"({"converged": false, "saddle": null})");
  const Answer unfinished = Call(call);
  EXPECT_EQ(unfinished.code, 3);
  EXPECT_THAT(unfinished.out, HasSubstr("not converged"));
  EXPECT_THAT(unfinished.out, HasSubstr("no saddle"));
}

TEST_F(VerbTest, BenchAsksForOneThreadUnlessTold) {
  Runner("superion-learn", R"({"us_per_atom_step": 4.5, "parts_us_per_atom": {"neighbors": 1.5}})");
  const Answer answer = Call({"bench", "model", "--model", "m.superion", "--structure", "a.xyz"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.out, HasSubstr("4.5 µs"));
  EXPECT_THAT(answer.out, HasSubstr("neighbors"));
  EXPECT_EQ(Spec()["threads"], 1);
  EXPECT_FALSE(Spec()["params"].contains("instruction_set"));
  ASSERT_EQ(Call({"bench", "model", "--model", "m.superion", "--structure", "a.xyz", "--threads", "2",
                  "--instruction-set", "avx2", "--steps", "7"})
                .code,
            0);
  EXPECT_EQ(Spec()["params"], Json({{"threads", 2}, {"instruction_set", "avx2"}, {"steps", 7}}));
  EXPECT_EQ(
      Call({"bench", "model", "--model", "m.superion", "--structure", "a.xyz", "--instruction-set", "mmx"})
          .code,
      2);
}

TEST_F(VerbTest, DoctorHasJson) {
  const Answer answer = Call({"doctor", "--json"});
  EXPECT_EQ(answer.code, 4);  // the runners are not in this folder
  EXPECT_GE(Json::parse(answer.out)["checks"].size(), 10u);
}

TEST_F(VerbTest, RunNeedsItsDaemon) {
  const Answer answer =
      Call({"run", std::string(SUPERION_SOURCE_DIR) + "/examples/li2s_quickstart.toml", "--data-dir", "d"});
  EXPECT_NE(answer.code, 0);
  EXPECT_THAT(answer.err, HasSubstr("superiond"));
}

}  // namespace
}  // namespace superion
