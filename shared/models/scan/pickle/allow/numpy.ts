/** NumPy 1.13 to 2.4: arrays, their types, random generators, and the functions that transformers are given. */
export const NUMPY = {
  numpy:
    'abs absolute acos acosh add amax amin arccos arccosh arcsin arcsinh arctan arctan2 arctanh ' +
    'argmax argmin argsort array asarray asin asinh atan atan2 atanh bool bool8 bool_ byte bytes_ ' +
    'cbrt cdouble ceil cfloat character clip clongdouble complex128 complex256 complex64 complex_ ' +
    'conjugate copysign cos cosh csingle datetime64 deg2rad degrees divide double dtype equal exp ' +
    'exp2 expm1 fabs float128 float16 float32 float64 float_ float_power floor floor_divide fmax fmin ' +
    'fmod greater greater_equal half hypot int16 int32 int64 int8 int_ intc intp isfinite isinf isnan ' +
    'less less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or ' +
    'logical_xor long longdouble longlong matrix max maximum mean median min minimum mod multiply ' +
    'nan_to_num nanmean nanmedian ndarray negative not_equal object_ poly1d positive power rad2deg ' +
    'radians ravel recarray reciprocal record remainder reshape rint short sign sin single sinh sqrt ' +
    'square squeeze std str_ string_ subtract sum tan tanh timedelta64 true_divide trunc ubyte uint ' +
    'uint16 uint32 uint64 uint8 uintc uintp ulong ulonglong unicode_ ushort var void',
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
