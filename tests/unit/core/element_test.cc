#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "command.h"
#include "core/structure.h"

namespace superion {
namespace {

TEST(Element, SymbolsAndNumbersAreInverse) {
  for (int z = 1; z <= 118; ++z) EXPECT_EQ(AtomicNumber(ElementSymbol(z)).value(), z);
  EXPECT_EQ(AtomicNumber("Li").value(), 3);
  EXPECT_EQ(AtomicNumber("Og").value(), 118);
}

TEST(Element, UnknownSymbolsAreNamed) {
  for (const char* symbol : {"", "li", "LI", "Xx", "X", "Li1", "D"}) {
    const auto z = AtomicNumber(symbol);
    EXPECT_EQ(z.status().code(), absl::StatusCode::kNotFound) << symbol;
    EXPECT_THAT(std::string(z.status().message()), testing::HasSubstr("\"" + std::string(symbol) + "\""));
  }
  EXPECT_FALSE(AtomicMass("Qq").ok());
  EXPECT_THAT(std::string(AtomicMasses({"Li", "Qq"}).status().message()), testing::HasSubstr("\"Qq\""));
  EXPECT_FALSE(CovalentRadius("Qq").ok());
}

TEST(Element, MassesAndRadiiAreTheTabulatedOnes) {
  EXPECT_EQ(AtomicMass("Li").value(), 6.94);
  EXPECT_EQ(AtomicMass("S").value(), 32.06);
  EXPECT_EQ(AtomicMasses({"S", "Li", "S"}).value(), (std::vector<double>{32.06, 6.94, 32.06}));
  EXPECT_EQ(CovalentRadius("Li").value(), 1.28);
  EXPECT_EQ(CovalentRadius("Cm").value(), 1.69);
  EXPECT_EQ(CovalentRadius("Bk").status().code(), absl::StatusCode::kNotFound);
}

// ASE carries the same tables from an independent hand.
TEST(Element, AgreesWithAse) {
  if (!HaveAse()) GTEST_SKIP() << "no ASE in " << kPython;
  const CommandOutput ase = RunCommand(
      {kPython, "-c",
       "from ase.data import chemical_symbols as s, atomic_masses_iupac2016 as m, covalent_radii as r\n"
       "for z in range(1, 97): print(s[z], m[z], r[z])"});
  ASSERT_EQ(ase.exit_code, 0);
  std::istringstream lines(ase.out);
  std::string symbol;
  double mass, radius;
  int z = 0;
  while (lines >> symbol >> mass >> radius) {
    EXPECT_EQ(ElementSymbol(++z), symbol);
    // Without a stable isotope ASE gives the mass of one of them, here it is its mass number.
    const bool stable = symbol != "Tc" && symbol != "Pm" && (z < 84 || z == 90 || z == 91 || z == 92);
    EXPECT_NEAR(AtomicMass(symbol).value(), mass, stable ? 6e-5 * mass + 1e-3 : 1.0) << symbol;
    EXPECT_EQ(CovalentRadius(symbol).value(), radius) << symbol;
  }
  EXPECT_EQ(z, 96);
}

}  // namespace
}  // namespace superion
