// Files written with the HDF5 library itself, as H5MD 1.1 lays them out.
#include "tests/unit/analysis/reader/file_fixture.h"
#include "tests/unit/analysis/reader/h5md_writer.h"

namespace superion::analysis {
namespace {

using absl::StatusCode;
using Shape = std::vector<hsize_t>;

class H5mdTest : public FileTest {
 protected:
  void Create(const std::string& name) {
    file_ = H5Fcreate(Path(name).c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  }
  void Close() { H5Fclose(file_); }

  static hid_t Parents() { return H5Parents(); }
  static void Attribute(hid_t object, const char* name, const std::string& text) {
    WriteH5Attribute(object, name, text);
  }
  void Numbers(const std::string& path, const Shape& shape, const std::vector<double>& values,
               const std::string& unit = "", hid_t type = H5T_IEEE_F64LE) {
    WriteH5Numbers(file_, path, {shape, values, unit, type});
  }
  // Two frames of two atoms; the first crosses a face.
  void Positions(double scale, const std::string& length, const std::string& time) {
    std::vector<double> x = {9.8, 1, 1, 5, 5, 5, 0.1, 1, 1, 5, 5, 5};
    for (double& v : x) v *= scale;
    Numbers("particles/all/position/value", {2, 2, 3}, x, length);
    Numbers("particles/all/position/step", {2}, {0, 10}, "", H5T_STD_I64LE);
    if (!time.empty()) Numbers("particles/all/position/time", {2}, {0, 0.5}, time);
  }
  hid_t file_ = -1;
};

InputOptions Table() {
  InputOptions options;
  options.types = {{"3", "Li"}, {"16", "S"}};
  return options;
}

TEST_F(H5mdTest, UnitsFixedBoxAndSpeciesByTable) {
  Create("a.h5");
  Positions(0.1, "nm", "ps");
  Numbers("particles/all/box/edges", {3}, {1, 1, 1});
  Numbers("particles/all/species", {2}, {3, 16}, "", H5T_STD_I32LE);
  Numbers("particles/all/velocity/value", {2, 2, 3}, std::vector<double>(12, 0.5), "nm ps-1");
  Close();
  const Read read = ReadAll(Path("a.h5"), Table());
  ASSERT_TRUE(read.status.ok()) << read.status;
  ASSERT_EQ(read.frames.size(), 2u);
  EXPECT_EQ(read.species, (std::vector<std::string>{"Li", "S"}));
  EXPECT_NEAR(read.frames[0].cell[0][0], 10.0, 1e-12);
  EXPECT_NEAR(read.frames[1].unwrapped[0][0] - read.frames[0].unwrapped[0][0], 0.3, 1e-12);
  EXPECT_DOUBLE_EQ(read.interval_ps, 0.5);
  EXPECT_NEAR(read.frames[0].velocities[1][2], 5.0, 1e-12);
  EXPECT_TRUE(read.notes.empty());
  ExpectError(ReadAll(Path("a.h5")).status, StatusCode::kInvalidArgument,
              {"a.h5", "frame 1", "here 3", "give types"});
}

TEST_F(H5mdTest, ImagesTriclinicBoxOfEveryFrameAndEnumeration) {
  Create("b.h5");
  Positions(1.0, "Angstrom", "fs");
  Numbers("particles/all/image/value", {2, 2, 3}, {0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0}, "", H5T_STD_I32LE);
  Numbers("particles/all/box/edges/value", {2, 3, 3},
          {10, 0, 0, 1, 10, 0, 0, 0, 10, 10, 0, 0, 1, 10, 0, 0, 0, 10});
  const hid_t type = H5Tenum_create(H5T_NATIVE_INT), list = Parents();
  for (const auto& [name, value] : {std::pair{"Li", 7}, {"S", 9}}) H5Tenum_insert(type, name, &value);
  const hsize_t n = 2;
  const hid_t space = H5Screate_simple(1, &n, nullptr);
  const hid_t set = H5Dcreate2(file_, "particles/all/species", type, space, list, H5P_DEFAULT, H5P_DEFAULT);
  const int species[] = {7, 9};
  H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, species);
  H5Dclose(set);
  H5Sclose(space);
  H5Pclose(list);
  H5Tclose(type);
  Close();
  const Read read = ReadAll(Path("b.h5"));
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.species, (std::vector<std::string>{"Li", "S"}));
  EXPECT_DOUBLE_EQ(read.interval_ps, 5e-4);
  EXPECT_EQ(read.frames[0].cell[1], (Vec3{1, 10, 0}));
  EXPECT_NEAR(Norm(read.frames[1].unwrapped[0] - read.frames[0].unwrapped[0] - Vec3{-9.7, 0, 20}), 0.0, 1e-12)
      << "images are believed";
}

TEST_F(H5mdTest, FixedTimeStepNamesInParametersAndAtomsInAnyOrder) {
  Create("c.h5");
  Numbers("particles/ions/position/value", {2, 2, 3}, {1, 1, 1, 5, 5, 5, 5, 5, 5, 1, 1, 2});
  Numbers("particles/ions/position/step", {}, {5}, "", H5T_STD_I64LE);
  Numbers("particles/ions/position/time", {}, {0.25}, "ps");
  Numbers("particles/ions/id/value", {2, 2}, {4, 8, 8, 4}, "", H5T_STD_I64LE);
  Numbers("particles/ions/box/edges", {3, 3}, {10, 0, 0, 0, 10, 0, 0, 0, 10});
  Numbers("particles/ions/species/value", {2, 2}, {1, 0, 0, 1}, "", H5T_STD_I32LE);
  const hid_t type = H5Tcopy(H5T_C_S1), list = Parents();
  H5Tset_size(type, 2);
  const hsize_t n = 2;
  const hid_t space = H5Screate_simple(1, &n, nullptr);
  const hid_t set =
      H5Dcreate2(file_, "parameters/species_names", type, space, list, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, "S\0Li");
  H5Dclose(set);
  H5Sclose(space);
  H5Pclose(list);
  H5Tclose(type);
  Close();
  const Read read = ReadAll(Path("c.h5"));
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.species, (std::vector<std::string>{"Li", "S"}));
  EXPECT_DOUBLE_EQ(read.interval_ps, 0.25);
  EXPECT_EQ(read.frames[1].unwrapped[0], (Vec3{1, 1, 2}));
  ASSERT_EQ(read.notes.size(), 1u);
  EXPECT_THAT(read.notes[0], testing::HasSubstr("taken as Å"));
}

// MDAnalysis writes no species, and where nothing changes one row is enough.
TEST_F(H5mdTest, SpeciesAndCellThatAreGiven) {
  Create("d.h5");
  Positions(1.0, "Angstrom", "ps");
  Numbers("particles/all/box/edges/value", {1, 3, 3}, {10, 0, 0, 0, 10, 0, 0, 0, 10}, "Angstrom");
  Close();
  InputOptions options;
  ExpectError(ReadAll(Path("d.h5"), options).status, StatusCode::kInvalidArgument,
              {"d.h5", "no species", "Li64,S32"});
  options.species = {{"Li", 1}, {"S", 1}};
  const Read read = ReadAll(Path("d.h5"), options);
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.species, (std::vector<std::string>{"Li", "S"}));
  EXPECT_NEAR(read.masses[1], 32.06, 0.01);
  EXPECT_NEAR(read.frames[1].unwrapped[0][0] - read.frames[0].unwrapped[0][0], 0.3, 1e-12);
  options.species = {{"Li", 3}};
  ExpectError(ReadAll(Path("d.h5"), options).status, StatusCode::kInvalidArgument,
              {"given for 3 atoms, the file has 2"});
  Create("nocell.h5");
  Positions(1.0, "Angstrom", "ps");
  Close();
  options.species = {{"Li", 1}, {"S", 1}};
  options.cell = {{{10, 0, 0}, {0, 10, 0}, {0, 0, 10}}};
  EXPECT_EQ(ReadAll(Path("nocell.h5"), options).frames.size(), 2u);
}

TEST_F(H5mdTest, AtomicNumbersOfAProgramThatWritesThem) {
  Create("z.h5");
  Positions(1.0, "Angstrom", "fs");
  Numbers("particles/all/box/edges", {3}, {10, 10, 10}, "Angstrom");
  Numbers("particles/all/species/value", {1, 2}, {3, 16});
  const hid_t list = Parents();
  const hid_t creator = H5Gcreate2(file_, "h5md/creator", list, H5P_DEFAULT, H5P_DEFAULT);
  Attribute(creator, "name", "ZnH5MD");
  H5Gclose(creator);
  H5Pclose(list);
  Close();
  const Read read = ReadAll(Path("z.h5"));
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.species, (std::vector<std::string>{"Li", "S"}));
}

TEST_F(H5mdTest, BrokenFilesAreNamed) {
  Create("nobox.h5");
  Positions(1.0, "Angstrom", "ps");
  Close();
  ExpectError(ReadAll(Path("nobox.h5"), Table()).status, StatusCode::kInvalidArgument,
              {"nobox.h5", "the cell is missing"});
  Create("unit.h5");
  Positions(1.0, "furlong", "ps");
  Numbers("particles/all/box/edges", {3}, {10, 10, 10});
  Numbers("particles/all/species", {2}, {3, 16});
  Close();
  ExpectError(ReadAll(Path("unit.h5"), Table()).status, StatusCode::kInvalidArgument,
              {"furlong", "expected Angstrom or nm"});
  Create("untimed.h5");
  Positions(1.0, "Angstrom", "");
  Numbers("particles/all/box/edges", {3}, {10, 10, 10});
  Numbers("particles/all/species", {2}, {3, 16});
  Close();
  ExpectError(ReadAll(Path("untimed.h5"), Table()).status, StatusCode::kInvalidArgument,
              {"untimed.h5", "timestep_fs"});
  Create("empty.h5");
  Close();
  ExpectError(ReadAll(Path("empty.h5")).status, StatusCode::kInvalidArgument,
              {"one group below /particles", "found none"});
  std::filesystem::resize_file(Path("unit.h5"), 700);
  ExpectError(ReadAll(Path("unit.h5")).status, StatusCode::kDataLoss, {"unit.h5", "HDF5"});
}

}  // namespace
}  // namespace superion::analysis
