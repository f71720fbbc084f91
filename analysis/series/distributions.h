// Special functions and quantiles that error bars need; double precision, about 1e-12 relative.
#pragma once

namespace superion::analysis {

double Digamma(double x);   // x > 0
double Trigamma(double x);  // x > 0

double RegularizedGammaP(double a, double x);          // lower incomplete gamma over Γ(a); a > 0, x >= 0
double RegularizedBeta(double x, double a, double b);  // I_x(a, b); 0 <= x <= 1

double NormalCdf(double z);
double NormalQuantile(double p);  // 0 < p < 1
double ChiSquareCdf(double x, double dof);
double ChiSquareQuantile(double p, double dof);
double StudentQuantile(double p, double dof);

}  // namespace superion::analysis
