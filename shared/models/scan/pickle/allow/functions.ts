/**
 * Functions that models name, as transformers and metrics are given them, and that no pickler calls: what they are given may
 * have methods of any kind, which they call. Those of scikit-learn are told by their small letters.
 */
export const FUNCTIONS = {
  numpy:
    'abs absolute acos acosh add all amax amin angle any arccos arccosh arcsin arcsinh arctan ' +
    'arctan2 arctanh argmax argmin argsort around ascontiguousarray asfortranarray asin asinh ' +
    'astype atan atan2 atanh atleast_1d atleast_2d atleast_3d average bincount bitwise_and ' +
    'bitwise_count bitwise_or bitwise_xor cbrt ceil clip column_stack concatenate conjugate ' +
    'copysign corrcoef cos cosh count_nonzero cov cross cumprod cumsum deg2rad degrees diag diff ' +
    'digitize divide divmod dot dstack ediff1d empty_like equal exp exp2 expand_dims expm1 fabs ' +
    'flip fliplr flipud float_power floor floor_divide fmax fmin fmod frexp full_like gcd ' +
    'gradient greater greater_equal heaviside histogram hstack hypot imag inner interp invert ' +
    'isclose isfinite isin isinf isnan isnat kron lcm ldexp left_shift less less_equal linspace ' +
    'log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor ' +
    'matmul matvec max maximum mean median min minimum mod modf moveaxis multiply nan_to_num ' +
    'nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmedian nanmin nanpercentile ' +
    'nanprod nanquantile nanstd nansum nanvar negative nextafter not_equal ones_like outer pad ' +
    'percentile polyval positive power prod ptp quantile rad2deg radians ravel real reciprocal ' +
    'remainder repeat reshape right_shift rint roll round searchsorted select sign signbit sin ' +
    'sinc sinh sort spacing sqrt square squeeze stack std subtract sum swapaxes tan tanh tile ' +
    'trace transpose trapezoid tril triu true_divide trunc unique unwrap var vecdot vecmat vstack ' +
    'where zeros_like',
  'numpy.fft': 'fft ifft irfft rfft',
  'numpy.linalg': 'det inv norm pinv svd',
  'numpy.strings': 'lower strip upper',
  'numpy.core.fromnumeric': 'mean std sum',
  'numpy._core.fromnumeric': 'mean std sum',
  'scipy.spatial.distance':
    'braycurtis canberra chebyshev cityblock correlation cosine dice euclidean hamming jaccard ' +
    'jensenshannon mahalanobis minkowski rogerstanimoto russellrao seuclidean sokalsneath ' +
    'sqeuclidean yule',
  'scipy.special._logsumexp': 'log_softmax logsumexp softmax',
  'scipy.stats._stats_py': 'gmean hmean iqr kendalltau kurtosis mode pearsonr rankdata skew spearmanr zscore',
  'scipy.stats._morestats': 'boxcox yeojohnson',
  pandas: 'concat cut factorize get_dummies isna isnull notna notnull qcut to_datetime to_numeric unique',
  builtins: 'abs all any len max min round sorted sum',
  math: 'ceil exp floor isnan log log10 log1p log2 sqrt',
};
