// Element data behind AtomicNumber, ElementSymbol, AtomicMass and CovalentRadius of core/structure.h.
#include <array>

#include "core/structure.h"

namespace superion {
namespace {

struct Element {
  const char* symbol;
  double mass_u;    // IUPAC 2021 abridged; mass number of the longest-lived isotope where none is stable
  double covalent;  // Å, Cordero et al. 2008; 0: not tabulated. Carbon sp3; Mn, Fe, Co low spin
};

constexpr std::array<Element, 118> kElements{{
    {"H", 1.0080, 0.31},  {"He", 4.0026, 0.28}, {"Li", 6.94, 1.28},   {"Be", 9.0122, 0.96},
    {"B", 10.81, 0.84},   {"C", 12.011, 0.76},  {"N", 14.007, 0.71},  {"O", 15.999, 0.66},
    {"F", 18.998, 0.57},  {"Ne", 20.180, 0.58}, {"Na", 22.990, 1.66}, {"Mg", 24.305, 1.41},
    {"Al", 26.982, 1.21}, {"Si", 28.085, 1.11}, {"P", 30.974, 1.07},  {"S", 32.06, 1.05},
    {"Cl", 35.45, 1.02},  {"Ar", 39.95, 1.06},  {"K", 39.098, 2.03},  {"Ca", 40.078, 1.76},
    {"Sc", 44.956, 1.70}, {"Ti", 47.867, 1.60}, {"V", 50.942, 1.53},  {"Cr", 51.996, 1.39},
    {"Mn", 54.938, 1.39}, {"Fe", 55.845, 1.32}, {"Co", 58.933, 1.26}, {"Ni", 58.693, 1.24},
    {"Cu", 63.546, 1.32}, {"Zn", 65.38, 1.22},  {"Ga", 69.723, 1.22}, {"Ge", 72.630, 1.20},
    {"As", 74.922, 1.19}, {"Se", 78.971, 1.20}, {"Br", 79.904, 1.20}, {"Kr", 83.798, 1.16},
    {"Rb", 85.468, 2.20}, {"Sr", 87.62, 1.95},  {"Y", 88.906, 1.90},  {"Zr", 91.224, 1.75},
    {"Nb", 92.906, 1.64}, {"Mo", 95.95, 1.54},  {"Tc", 97, 1.47},     {"Ru", 101.07, 1.46},
    {"Rh", 102.91, 1.42}, {"Pd", 106.42, 1.39}, {"Ag", 107.87, 1.45}, {"Cd", 112.41, 1.44},
    {"In", 114.82, 1.42}, {"Sn", 118.71, 1.39}, {"Sb", 121.76, 1.39}, {"Te", 127.60, 1.38},
    {"I", 126.90, 1.39},  {"Xe", 131.29, 1.40}, {"Cs", 132.91, 2.44}, {"Ba", 137.33, 2.15},
    {"La", 138.91, 2.07}, {"Ce", 140.12, 2.04}, {"Pr", 140.91, 2.03}, {"Nd", 144.24, 2.01},
    {"Pm", 145, 1.99},    {"Sm", 150.36, 1.98}, {"Eu", 151.96, 1.98}, {"Gd", 157.25, 1.96},
    {"Tb", 158.93, 1.94}, {"Dy", 162.50, 1.92}, {"Ho", 164.93, 1.92}, {"Er", 167.26, 1.89},
    {"Tm", 168.93, 1.90}, {"Yb", 173.05, 1.87}, {"Lu", 174.97, 1.87}, {"Hf", 178.49, 1.75},
    {"Ta", 180.95, 1.70}, {"W", 183.84, 1.62},  {"Re", 186.21, 1.51}, {"Os", 190.23, 1.44},
    {"Ir", 192.22, 1.41}, {"Pt", 195.08, 1.36}, {"Au", 196.97, 1.36}, {"Hg", 200.59, 1.32},
    {"Tl", 204.38, 1.45}, {"Pb", 207.2, 1.46},  {"Bi", 208.98, 1.48}, {"Po", 209, 1.40},
    {"At", 210, 1.50},    {"Rn", 222, 1.50},    {"Fr", 223, 2.60},    {"Ra", 226, 2.21},
    {"Ac", 227, 2.15},    {"Th", 232.04, 2.06}, {"Pa", 231.04, 2.00}, {"U", 238.03, 1.96},
    {"Np", 237, 1.90},    {"Pu", 244, 1.87},    {"Am", 243, 1.80},    {"Cm", 247, 1.69},
    {"Bk", 247, 0},       {"Cf", 251, 0},       {"Es", 252, 0},       {"Fm", 257, 0},
    {"Md", 258, 0},       {"No", 259, 0},       {"Lr", 262, 0},       {"Rf", 267, 0},
    {"Db", 268, 0},       {"Sg", 269, 0},       {"Bh", 270, 0},       {"Hs", 269, 0},
    {"Mt", 277, 0},       {"Ds", 281, 0},       {"Rg", 282, 0},       {"Cn", 285, 0},
    {"Nh", 286, 0},       {"Fl", 290, 0},       {"Mc", 290, 0},       {"Lv", 293, 0},
    {"Ts", 294, 0},       {"Og", 294, 0},
}};

}  // namespace

absl::StatusOr<int> AtomicNumber(std::string_view symbol) {
  for (size_t z = 0; z < kElements.size(); ++z) {
    if (symbol == kElements[z].symbol) return static_cast<int>(z) + 1;
  }
  return NotFound("\"{}\" is not a chemical symbol (expected one like Li, S or Cl)", symbol);
}

std::string_view ElementSymbol(int atomic_number) {
  SUPERION_CHECK(atomic_number >= 1 && atomic_number <= static_cast<int>(kElements.size()));
  return kElements[atomic_number - 1].symbol;
}

absl::StatusOr<double> AtomicMass(std::string_view symbol) {
  SUPERION_ASSIGN_OR_RETURN(const int z, AtomicNumber(symbol));
  return kElements[z - 1].mass_u;
}

absl::StatusOr<std::vector<double>> AtomicMasses(const std::vector<std::string>& symbols) {
  std::vector<double> masses;
  for (const std::string& symbol : symbols) {
    SUPERION_ASSIGN_OR_RETURN(const double mass, AtomicMass(symbol));
    masses.push_back(mass);
  }
  return masses;
}

absl::StatusOr<double> CovalentRadius(std::string_view symbol) {
  SUPERION_ASSIGN_OR_RETURN(const int z, AtomicNumber(symbol));
  if (kElements[z - 1].covalent == 0) return NotFound("no covalent radius is tabulated for {}", symbol);
  return kElements[z - 1].covalent;
}

}  // namespace superion
