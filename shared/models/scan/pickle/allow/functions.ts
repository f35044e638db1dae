/**
 * Functions that models name, as transformers and metrics are given them, and that no pickler calls: what they are given may
 * have methods of any kind, which they call. Those of scikit-learn are told by their small letters.
 */
export const FUNCTIONS = {
  numpy:
    'abs absolute acos acosh add amax amin arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax ' +
    'argmin argsort asin asinh atan atan2 atanh cbrt ceil clip conjugate copysign cos cosh deg2rad ' +
    'degrees divide equal exp exp2 expm1 fabs float_power floor floor_divide fmax fmin fmod greater ' +
    'greater_equal hypot isfinite isinf isnan less less_equal log log10 log1p log2 logaddexp ' +
    'logaddexp2 logical_and logical_not logical_or logical_xor max maximum mean median min minimum mod ' +
    'multiply nan_to_num nanmean nanmedian negative not_equal positive power rad2deg radians ravel ' +
    'reciprocal remainder reshape rint sign sin sinh sqrt square squeeze std subtract sum tan tanh ' +
    'true_divide trunc var',
  'numpy.core.fromnumeric': 'mean std sum',
  'numpy._core.fromnumeric': 'mean std sum',
  math: 'exp log log10 log1p sqrt',
};
