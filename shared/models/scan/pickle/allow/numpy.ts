/** NumPy 1.13 to 2.4: arrays, their types, random generators, and the functions that transformers are given. */
export const NUMPY = {
  numpy:
    'abs absolute acos acosh add amax amin arccos arccosh arcsin arcsinh arctan arctan2 arctanh ' +
    'argmax argmin argsort around array asarray asin asinh atan atan2 atanh average bitwise_and ' +
    'bitwise_count bitwise_or bitwise_xor bool bool8 bool_ byte bytes_ cbrt cdouble ceil cfloat ' +
    'character clip clongdouble complex128 complex256 complex64 complex_ complexfloating ' +
    'conjugate copysign cos cosh count_nonzero csingle cumprod cumsum datetime64 deg2rad degrees ' +
    'diff divide divmod dot double dtype equal exp exp2 expm1 fabs flexible float128 float16 ' +
    'float32 float64 float_ float_power floating floor floor_divide fmax fmin fmod frexp gcd ' +
    'generic greater greater_equal half heaviside hstack hypot inexact int16 int32 int64 int8 ' +
    'int_ intc integer intp invert isfinite isinf isnan isnat lcm ldexp left_shift less ' +
    'less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or ' +
    'logical_xor long longdouble longlong matmul matrix matvec max maximum mean median min ' +
    'minimum mod modf multiply nan_to_num nanmax nanmean nanmedian nanmin nanpercentile nanprod ' +
    'nanquantile nanstd nansum nanvar ndarray negative nextafter not_equal number object_ ' +
    'percentile poly1d positive power prod ptp quantile rad2deg radians ravel recarray reciprocal ' +
    'record remainder reshape right_shift rint round short sign signbit signedinteger sin single ' +
    'sinh sort spacing sqrt square squeeze std str_ string_ subtract sum tan tanh timedelta64 ' +
    'transpose true_divide trunc ubyte uint uint16 uint32 uint64 uint8 uintc uintp ulong ' +
    'ulonglong unicode_ unique unsignedinteger ushort var vecdot vecmat void vstack where',
  'numpy.core.multiarray': '_reconstruct scalar',
  'numpy.core.numeric': '_frombuffer',
  'numpy.core.records': 'recarray record',
  'numpy.core._internal': '_convert_to_stringdtype_kwargs',
  'numpy.core.defchararray': 'chararray',
  'numpy.core.fromnumeric': 'mean std sum',
  'numpy._core.multiarray': '_reconstruct scalar',
  'numpy._core.numeric': '_frombuffer',
  'numpy._core.records': 'recarray record',
  'numpy._core._internal': '_convert_to_stringdtype_kwargs',
  'numpy._core.defchararray': 'chararray',
  'numpy._core.fromnumeric': 'mean std sum',
  'numpy.dtypes':
    'BoolDType ByteDType BytesDType CLongDoubleDType Complex128DType Complex64DType DateTime64DType ' +
    'Float16DType Float32DType Float64DType Int16DType Int32DType Int64DType Int8DType IntDType ' +
    'LongDType LongDoubleDType LongLongDType ObjectDType ShortDType StrDType StringDType ' +
    'TimeDelta64DType UByteDType UInt16DType UInt32DType UInt64DType UInt8DType UIntDType ULongDType ' +
    'ULongLongDType UShortDType VoidDType',
  'numpy.linalg': 'norm',
  'numpy.char': 'chararray',
  'numpy.rec': 'recarray record',
  'numpy.matrixlib.defmatrix': 'matrix',
  'numpy.lib.polynomial': 'poly1d',
  'numpy.lib._polynomial_impl': 'poly1d',
  'numpy.ma': 'MaskedArray',
  'numpy.ma.core': 'MaskedArray MaskedConstant _mareconstruct mvoid',
  'numpy.polynomial.polynomial': 'Polynomial',
  'numpy.polynomial.chebyshev': 'Chebyshev',
  'numpy.polynomial.hermite': 'Hermite',
  'numpy.polynomial.hermite_e': 'HermiteE',
  'numpy.polynomial.laguerre': 'Laguerre',
  'numpy.polynomial.legendre': 'Legendre',
  'numpy.random': 'RandomState __RandomState_ctor',
  'numpy.random._pickle': '__bit_generator_ctor __generator_ctor __randomstate_ctor',
  'numpy.random._mt19937': 'MT19937',
  'numpy.random._pcg64': 'PCG64 PCG64DXSM',
  'numpy.random._philox': 'Philox',
  'numpy.random._sfc64': 'SFC64',
  'numpy.random.mtrand': 'RandomState __RandomState_ctor _randomstate_ctor',
  'numpy.random.bit_generator': 'SeedSequence __pyx_unpickle_SeedSequence',
  'numpy.random._bit_generator': 'SeedSequence',
};
