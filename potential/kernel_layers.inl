// Work on atoms: equations 4-7 and 10 and their derivative, for a tile of atoms of one species. Included
// inside an instruction set's namespace.

template <typename Real>
struct Layout {
  int n, species, n_lm, field_stride;  // atoms, species, extents; field_stride = n_lm * kp
  static constexpr int kMostRows = kTile * (2 * kMaxDegree + 1);
  int row_density[kMostRows], row_field[kMostRows], row_gradient[kMostRows];
  int row_feature[kTile], row_hidden[kTile], row_grade[kTile];
};

// Row offsets of degree l: (atom, m) in densities, fields and gradients.
template <typename Real>
int RowsOfDegree(const PackedModel<Real>& m, int l, Layout<Real>* layout) {
  const int density_of_atom = m.n_species * m.n_radial * HarmonicsStride(m.l_max);
  int rows = 0;
  for (int t = 0; t < layout->n; ++t) {
    for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm, ++rows) {
      layout->row_density[rows] = t * density_of_atom + lm;
      layout->row_field[rows] = t * layout->field_stride + lm * m.kp;
      layout->row_gradient[rows] = (t * m.n_lm + lm) * m.znp;
    }
  }
  return rows;
}

template <typename Real>
Real* Field(const Layout<Real>& layout, Real* fields, int order) {
  return fields + order * kTile * layout.field_stride;
}

// X_0 of equation 4.
template <typename Real>
void Mix(const PackedModel<Real>& m, const Workspace<Real>& ws, Layout<Real>* layout) {
  const int zn = m.n_species * m.n_radial;
  for (int l = 0; l <= m.l_max; ++l) {
    const int rows = RowsOfDegree(m, l, layout);
    const Real* weights = m.mix0 + (layout->species * (m.l_max + 1) + l) * zn * m.kp;
    Multiply<Real>({ws.density, layout->row_density, HarmonicsStride(m.l_max), zn, weights, m.kp, nullptr,
                    ws.field, layout->row_field},
                   rows);
  }
}

// out = in · M per degree.
template <typename Real>
void MixChannels(const PackedModel<Real>& m, const Real* matrices, const Real* in, Real* out,
                 Layout<Real>* layout) {
  for (int l = 0; l <= m.l_max; ++l) {
    const int rows = RowsOfDegree(m, l, layout);
    Multiply<Real>(
        {in, layout->row_field, 1, m.kp, matrices + l * m.kp * m.kp, m.kp, nullptr, out, layout->row_field},
        rows);
  }
}

// Atoms whose products are computed together: they share the reading of the tables.
constexpr int kTogether = 4;

// U of equation 5 for kAtoms atoms that lie `stride` apart.
template <typename Real, int kAtoms>
void Couple(const PackedModel<Real>& m, const ProductTable<Real>& table, const Real* path, const Real* a,
            const Real* b, int stride, Real* out) {
  for (int k = 0; k < m.kp; k += kWidth<Real>) {
    for (int lm = 0; lm < m.n_lm; ++lm) {
      Vector<Real> sum[kAtoms] = {};
      for (int s = table.segment_first[lm]; s < table.segment_first[lm + 1]; ++s) {
        Vector<Real> tensor[kAtoms] = {};
        for (int t = table.term_first[s]; t < table.term_first[s + 1]; ++t) {
          const ProductTerm<Real>& term = table.terms[t];
          const Real *left = a + term.first * m.kp + k, *right = b + term.second * m.kp + k;
          for (int i = 0; i < kAtoms; ++i) {
            tensor[i] += term.value * (Load(left + i * stride) * Load(right + i * stride));
          }
        }
        const Vector<Real> weight = Load(path + table.segment_path[s] * m.kp + k);
        for (int i = 0; i < kAtoms; ++i) sum[i] += weight * tensor[i];
      }
      for (int i = 0; i < kAtoms; ++i) Store(out + i * stride + lm * m.kp + k, sum[i]);
    }
  }
}

template <typename Real, int kAtoms>
void CoupleBackwardSide(int n_lm, const BackwardTable<Real>& table, const Real* weighted, const Real* partner,
                        int kp, int stride, Real* bar) {
  constexpr int w = kWidth<Real>;
  for (int lm = 0; lm < n_lm; ++lm) {
    Vector<Real> sum[kAtoms];
    for (int i = 0; i < kAtoms; ++i) sum[i] = Load(bar + i * stride + lm * kp);
    for (int g = table.group_first[lm]; g < table.group_first[lm + 1]; ++g) {
      Vector<Real> factor[kAtoms] = {};
      for (int t = table.term_first[g]; t < table.term_first[g + 1]; ++t) {
        const Real value = table.terms[t].value;
        const Real* segment = weighted + table.terms[t].first * (kAtoms * w);
        for (int i = 0; i < kAtoms; ++i) factor[i] += value * Load(segment + i * w);
      }
      const Real* other = partner + table.group_partner[g] * kp;
      for (int i = 0; i < kAtoms; ++i) sum[i] += factor[i] * Load(other + i * stride);
    }
    for (int i = 0; i < kAtoms; ++i) Store(bar + i * stride + lm * kp, sum[i]);
  }
}

// Adds to the gradients of both factors what the gradient of U says.
template <typename Real, int kAtoms>
void CoupleBackward(const PackedModel<Real>& m, const ProductTable<Real>& table, const Real* path,
                    const Real* u_bar, const Real* a, const Real* b, int stride, Real* weighted, Real* a_bar,
                    Real* b_bar) {
  constexpr int w = kWidth<Real>;
  for (int k = 0; k < m.kp; k += w) {
    for (int lm = 0; lm < m.n_lm; ++lm)
      for (int s = table.segment_first[lm]; s < table.segment_first[lm + 1]; ++s) {
        const Vector<Real> weight = Load(path + table.segment_path[s] * m.kp + k);
        for (int i = 0; i < kAtoms; ++i) {
          Store(weighted + (s * kAtoms + i) * w,
                Vector<Real>(weight * Load(u_bar + i * stride + lm * m.kp + k)));
        }
      }
    CoupleBackwardSide<Real, kAtoms>(m.n_lm, table.left, weighted, b + k, m.kp, stride, a_bar + k);
    if (!table.symmetric) {
      CoupleBackwardSide<Real, kAtoms>(m.n_lm, table.right, weighted, a + k, m.kp, stride, b_bar + k);
    }
  }
}

// Calls body(first atom, count) for groups of kTogether atoms and what is left.
template <typename Body>
[[gnu::always_inline]] inline void ForGroups(int n, const Body& body) {
  int t = 0;
  for (; t + kTogether <= n; t += kTogether) body.template operator()<kTogether>(t);
  for (; t < n; ++t) body.template operator()<1>(t);
}

template <typename Real>
Real InnerProduct(const Real* a, const Real* b, int n) {
  Vector<Real> sum = {};
  for (int k = 0; k < n; k += kWidth<Real>) sum += Load(a + k) * Load(b + k);
  return Sum<Real>(sum);
}

template <typename Real>
Real InverseRoot(Real x) {
  return Real(1) /
         (sizeof(Real) == 4 ? __builtin_sqrtf(static_cast<float>(x)) : static_cast<Real>(__builtin_sqrt(x)));
}

template <typename Real>
void Products(const PackedModel<Real>& m, const Workspace<Real>& ws, Layout<Real>* layout) {
  const int size = layout->field_stride;
  for (int p = 0; p < m.products; ++p) {
    const Real* path = m.path[p] + layout->species * m.n_paths[p] * m.kp;
    Real* out = Field(*layout, ws.field, p + 1);
    const Real* a = Field(*layout, ws.field, p);
    ForGroups(layout->n, [&]<int kAtoms>(int t) {
      Couple<Real, kAtoms>(m, m.product[p], path, a + t * size, ws.field + t * size, size,
                           ws.mixed + t * size);
    });
    MixChannels(m, m.mixp[p], ws.mixed, out, layout);
    for (int t = 0; t < layout->n; ++t) {
      Real* x = out + t * size;
      const Real norm = InverseRoot<Real>(Real(1) + InnerProduct(x, x, size) / (m.channels * m.n_lm));
      for (int k = 0; k < size; k += kWidth<Real>) Store(x + k, Vector<Real>(norm * Load(x + k)));
      ws.norm[p * kTile + t] = norm;
    }
  }
}

template <typename Real>
void ProductsBackward(const PackedModel<Real>& m, const Workspace<Real>& ws, Layout<Real>* layout) {
  constexpr int w = kWidth<Real>;
  const int size = layout->field_stride;
  for (int p = m.products - 1; p >= 0; --p) {
    const Real* path = m.path[p] + layout->species * m.n_paths[p] * m.kp;
    for (int t = 0; t < layout->n; ++t) {  // through the norm: V's gradient in place
      Real* bar = Field(*layout, ws.field_bar, p + 1) + t * size;
      const Real* x = Field(*layout, ws.field, p + 1) + t * size;
      const Real along = InnerProduct(x, bar, size) / (m.channels * m.n_lm), norm = ws.norm[p * kTile + t];
      for (int k = 0; k < size; k += w)
        Store(bar + k, Vector<Real>(norm * (Load(bar + k) - along * Load(x + k))));
    }
    MixChannels(m, m.mixpt[p], Field(*layout, ws.field_bar, p + 1), ws.mixed, layout);
    const Real* a = Field(*layout, ws.field, p);
    Real* a_bar = Field(*layout, ws.field_bar, p);
    ForGroups(layout->n, [&]<int kAtoms>(int t) {
      const int at = t * size;
      CoupleBackward<Real, kAtoms>(m, m.product[p], path, ws.mixed + at, a + at, ws.field + at, size,
                                   ws.weighted, a_bar + at, ws.field_bar + at);
    });
  }
}

// Equation 6, then x of equation 7.
template <typename Real>
void Invariants(const PackedModel<Real>& m, const Workspace<Real>& ws, const Layout<Real>& layout) {
  constexpr int w = kWidth<Real>;
  const Real* mean = m.feature_mean + layout.species * m.fp;
  const Real* inverse = m.feature_inverse + layout.species * m.fp;
  for (int t = 0; t < layout.n; ++t) {
    Real* f = ws.feature + t * m.fp;
    for (int k = 0; k < m.kp; k += w) Store(f + k, Load(ws.field + t * layout.field_stride + k));
    int at = m.kp;
    for (int pair = 0; pair < m.n_invariant_pairs; ++pair) {
      const Real* a = Field(layout, ws.field, m.invariant_a[pair]) + t * layout.field_stride;
      const Real* b = Field(layout, ws.field, m.invariant_b[pair]) + t * layout.field_stride;
      for (int l = 0; l <= m.l_max; ++l, at += m.kp) {
        for (int k = 0; k < m.kp; k += w) {
          Vector<Real> sum = {};
          for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm)
            sum += Load(a + lm * m.kp + k) * Load(b + lm * m.kp + k);
          Store(f + at + k, Vector<Real>(sum * (Real(1) / (2 * l + 1))));
        }
      }
    }
    for (int k = 0; k < m.fp; k += w)
      Store(f + k, Vector<Real>((Load(f + k) - Load(mean + k)) * Load(inverse + k)));
  }
}

template <typename Real>
void InvariantsBackward(const PackedModel<Real>& m, const Workspace<Real>& ws, const Layout<Real>& layout) {
  constexpr int w = kWidth<Real>;
  const int size = layout.field_stride;
  const Real* inverse = m.feature_inverse + layout.species * m.fp;
  for (int order = 0; order <= m.products; ++order) {
    Real* bar = Field(layout, ws.field_bar, order);
    for (int k = 0; k < layout.n * size; k += w) Store(bar + k, Vector<Real>{});
  }
  for (int t = 0; t < layout.n; ++t) {
    const Real* f = ws.feature_bar + t * m.fp;
    for (int k = 0; k < m.kp; k += w)
      Store(ws.field_bar + t * size + k, Vector<Real>(Load(f + k) * Load(inverse + k)));
    int at = m.kp;
    for (int pair = 0; pair < m.n_invariant_pairs; ++pair) {
      const int ia = m.invariant_a[pair], ib = m.invariant_b[pair];
      const Real *a = Field(layout, ws.field, ia) + t * size, *b = Field(layout, ws.field, ib) + t * size;
      Real *a_bar = Field(layout, ws.field_bar, ia) + t * size,
           *b_bar = Field(layout, ws.field_bar, ib) + t * size;
      for (int l = 0; l <= m.l_max; ++l, at += m.kp) {
        for (int k = 0; k < m.kp; k += w) {
          const Vector<Real> g = Load(f + at + k) * Load(inverse + at + k) * (Real(1) / (2 * l + 1));
          for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm) {
            const int i = lm * m.kp + k;
            Store(a_bar + i, Vector<Real>(Load(a_bar + i) + g * Load(b + i)));
            Store(b_bar + i, Vector<Real>(Load(b_bar + i) + g * Load(a + i)));
          }
        }
      }
    }
  }
}

// Equation 7 and its gradient with respect to x; grades of equation 10 without the square root's argument
// lost.
template <typename Real>
void Readout(const PackedModel<Real>& m, const Tile& tile, const Workspace<Real>& ws,
             const Layout<Real>& layout, const Results<Real>& results) {
  const int c = layout.species, n = layout.n;
  const Real* w3 = m.w3 + c * m.hp;
  Multiply<Real>({ws.feature, layout.row_feature, 1, m.fp, m.w1 + c * m.fp * m.hp, m.hp, m.b1 + c * m.hp,
                  ws.h1, layout.row_hidden},
                 n);
  Silu(n * m.hp, ws.h1, ws.slope1);
  Multiply<Real>({ws.h1, layout.row_hidden, 1, m.hp, m.w2 + c * m.hp * m.hp, m.hp, m.b2 + c * m.hp, ws.h2,
                  layout.row_hidden},
                 n);
  Silu(n * m.hp, ws.h2, ws.slope2);
  for (int t = 0; t < n; ++t) {
    const int atom = tile.atoms[t];
    results.energy[atom] = m.reference_energy[c] +
                           static_cast<double>(InnerProduct(w3, ws.h2 + t * m.hp, m.hp)) +
                           static_cast<double>(InnerProduct(m.w_lin + c * m.fp, ws.feature + t * m.fp, m.fp));
    double* features = results.features + static_cast<int64_t>(atom) * (m.hidden + 1);
    for (int k = 0; k < m.hidden; ++k) features[k] = static_cast<double>(ws.h2[t * m.hp + k]);
    features[m.hidden] = 1.0;
    for (int k = 0; k < m.hp; k += kWidth<Real>) {
      Store(ws.slope2 + t * m.hp + k, Vector<Real>(Load(ws.slope2 + t * m.hp + k) * Load(w3 + k)));
    }
  }
  if (m.gp > 0 && results.grade != nullptr) {
    Multiply<Real>({ws.h2, layout.row_hidden, 1, m.hp, m.grade_factor + c * m.hp * m.gp, m.gp,
                    m.grade_offset + c * m.gp, ws.grade, layout.row_grade},
                   n);
    for (int t = 0; t < n; ++t) {
      const Real* g = ws.grade + t * m.gp;
      results.grade[tile.atoms[t]] = __builtin_sqrt(static_cast<double>(InnerProduct(g, g, m.gp)));
    }
  }
  Multiply<Real>({ws.slope2, layout.row_hidden, 1, m.hp, m.w2t + c * m.hp * m.hp, m.hp, nullptr,
                  ws.hidden_bar, layout.row_hidden},
                 n);
  for (int k = 0; k < n * m.hp; k += kWidth<Real>) {
    Store(ws.hidden_bar + k, Vector<Real>(Load(ws.hidden_bar + k) * Load(ws.slope1 + k)));
  }
  Multiply<Real>({ws.hidden_bar, layout.row_hidden, 1, m.hp, m.w1t + c * m.hp * m.fp, m.fp,
                  m.w_lin + c * m.fp, ws.feature_bar, layout.row_feature},
                 n);
}

// Gradient with respect to the densities.
template <typename Real>
void MixBackward(const PackedModel<Real>& m, const Workspace<Real>& ws, Layout<Real>* layout) {
  for (int l = 0; l <= m.l_max; ++l) {
    const int rows = RowsOfDegree(m, l, layout);
    const Real* weights = m.mix0t + (layout->species * (m.l_max + 1) + l) * m.kp * m.znp;
    Multiply<Real>({ws.field_bar, layout->row_field, 1, m.kp, weights, m.znp, nullptr, ws.gradient,
                    layout->row_gradient},
                   rows);
  }
}

template <typename Real>
void Layers(const PackedModel<Real>& m, const Tile& tile, const Workspace<Real>& ws,
            const Results<Real>& results) {
  Layout<Real> layout;
  layout.n = tile.n_atoms, layout.species = tile.species, layout.n_lm = m.n_lm;
  layout.field_stride = m.n_lm * m.kp;
  for (int t = 0; t < tile.n_atoms; ++t) {
    layout.row_feature[t] = t * m.fp, layout.row_hidden[t] = t * m.hp, layout.row_grade[t] = t * m.gp;
  }
  Mix(m, ws, &layout);
  Products(m, ws, &layout);
  Invariants(m, ws, layout);
  Readout(m, tile, ws, layout, results);
  InvariantsBackward(m, ws, layout);
  ProductsBackward(m, ws, &layout);
  MixBackward(m, ws, &layout);
}
