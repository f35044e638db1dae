/** NumPy 1.13 to 2.4: arrays, their types, random generators. */
export const NUMPY = {
  numpy:
    'array asarray bool bool8 bool_ byte bytes_ cdouble cfloat character clongdouble ' +
    'complex128 complex256 complex64 complex_ complexfloating csingle datetime64 double dtype ' +
    'flexible float128 float16 float32 float64 float_ floating generic half inexact int16 ' +
    'int32 int64 int8 int_ intc integer intp long longdouble longlong matrix memmap ndarray number ' +
    'object_ poly1d recarray record short signedinteger single str_ string_ timedelta64 ubyte ' +
    'uint uint16 uint32 uint64 uint8 uintc uintp ulong ulonglong unicode_ unsignedinteger ' +
    'ushort void',
  'numpy.core.multiarray': '_reconstruct scalar',
  'numpy.core.numeric': '_frombuffer',
  'numpy.core.records': 'recarray record',
  'numpy.core._internal': '_convert_to_stringdtype_kwargs',
  'numpy.core.defchararray': 'chararray',
  'numpy._core.multiarray': '_reconstruct scalar',
  'numpy._core.numeric': '_frombuffer',
  'numpy._core.records': 'recarray record',
  'numpy._core._internal': '_convert_to_stringdtype_kwargs',
  'numpy._core.defchararray': 'chararray',
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
