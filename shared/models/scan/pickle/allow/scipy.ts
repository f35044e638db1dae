/**
 * SciPy 1.0 to 1.17: sparse matrices, interpolators, trees of neighbours and the functions of which arrays are given to, one by
 * one. For distributions see scipy-distributions.ts.
 */
export const SCIPY = {
  'scipy.sparse._bsr': 'bsr_array bsr_matrix',
  'scipy.sparse.bsr': 'bsr_matrix',
  'scipy.sparse._coo': 'coo_array coo_matrix',
  'scipy.sparse.coo': 'coo_matrix',
  'scipy.sparse._csc': 'csc_array csc_matrix',
  'scipy.sparse.csc': 'csc_matrix',
  'scipy.sparse._csr': 'csr_array csr_matrix',
  'scipy.sparse.csr': 'csr_matrix',
  'scipy.sparse._dia': 'dia_array dia_matrix',
  'scipy.sparse.dia': 'dia_matrix',
  'scipy.sparse._dok': 'dok_array dok_matrix',
  'scipy.sparse.dok': 'dok_matrix',
  'scipy.sparse._lil': 'lil_array lil_matrix',
  'scipy.sparse.lil': 'lil_matrix',
  'scipy.sparse':
    'bsr_array bsr_matrix coo_array coo_matrix csc_array csc_matrix csr_array csr_matrix dia_array ' +
    'dia_matrix dok_array dok_matrix lil_array lil_matrix',
  'scipy._lib.array_api_compat.numpy._aliases': 'asarray',
  'scipy.interpolate._bsplines': 'BSpline',
  'scipy.interpolate._cubic': 'Akima1DInterpolator CubicHermiteSpline CubicSpline PchipInterpolator',
  'scipy.interpolate._fitpack2':
    'BivariateSpline InterpolatedUnivariateSpline LSQUnivariateSpline RectBivariateSpline ' +
    'SmoothBivariateSpline UnivariateSpline',
  'scipy.interpolate._interpolate':
    'BPoly NdPPoly PPoly interp1d interp1d._call_linear interp1d._call_linear_np ' +
    'interp1d._call_nan_spline interp1d._call_nearest interp1d._call_previousnext ' +
    'interp1d._call_spline',
  'scipy.interpolate.interpolate': 'interp1d',
  'scipy.interpolate._rgi': 'RegularGridInterpolator',
  'scipy.interpolate._ndgriddata': 'NearestNDInterpolator',
  'scipy.interpolate._rbfinterp': 'RBFInterpolator',
  'scipy.interpolate._polyint': 'BarycentricInterpolator KroghInterpolator',
  'scipy.spatial._ckdtree': 'cKDTree',
  'scipy.spatial.ckdtree': 'cKDTree',
  'scipy.spatial._kdtree': 'KDTree',
  'scipy.spatial.kdtree': 'KDTree',
  'scipy.special._ufuncs':
    'beta betaln boxcox boxcox1p entr erfcinv erfinv exp10 expit expm1 gamma inv_boxcox ' +
    'inv_boxcox1p kl_div log1p log_expit log_ndtr logit ndtr ndtri rel_entr xlogy',
  'scipy.special._special_ufuncs':
    'beta betaln binom cbrt erf erfc exp10 exp2 expit expm1 gamma gammaln log1p log_expit ' +
    'log_ndtr logit ndtr psi xlog1py xlogy',
  'scipy.spatial.transform._rotation': 'Rotation',
  'scipy.optimize._optimize': 'OptimizeResult',
  'scipy.optimize.optimize': 'OptimizeResult',
};
