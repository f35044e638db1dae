/**
 * Functions that models name, as transformers and metrics are given them, and that no pickler calls: what they are given may
 * have methods of any kind, which they call. Those of scikit-learn are told by their small letters.
 */
export const FUNCTIONS = {
  numpy:
    'abs absolute acos acosh add amax amin arccos arccosh arcsin arcsinh arctan arctan2 arctanh ' +
    'argmax argmin argsort around asin asinh atan atan2 atanh average bitwise_and bitwise_count ' +
    'bitwise_or bitwise_xor cbrt ceil clip conjugate copysign cos cosh count_nonzero cumprod ' +
    'cumsum deg2rad degrees diff divide divmod dot equal exp exp2 expm1 fabs float_power floor ' +
    'floor_divide fmax fmin fmod frexp gcd greater greater_equal heaviside hstack hypot invert ' +
    'isfinite isinf isnan isnat lcm ldexp left_shift less less_equal log log10 log1p log2 ' +
    'logaddexp logaddexp2 logical_and logical_not logical_or logical_xor matmul matvec max ' +
    'maximum mean median min minimum mod modf multiply nan_to_num nanmax nanmean nanmedian nanmin ' +
    'nanpercentile nanprod nanquantile nanstd nansum nanvar negative nextafter not_equal ' +
    'percentile positive power prod ptp quantile rad2deg radians ravel reciprocal remainder ' +
    'reshape right_shift rint round sign signbit sin sinh sort spacing sqrt square squeeze std ' +
    'subtract sum tan tanh transpose true_divide trunc unique var vecdot vecmat vstack where',
  'numpy.linalg': 'norm',
  'numpy.core.fromnumeric': 'mean std sum',
  'numpy._core.fromnumeric': 'mean std sum',
  math: 'exp log log10 log1p sqrt',
};
