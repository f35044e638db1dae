/**
 * What `torch.save` writes of a state dictionary, as `torch.load` with `weights_only` lets it through. Whole modules are not on
 * the list: to load one runs the code of its class.
 */
export const TORCH = {
  torch:
    'BFloat16Storage BFloat16Tensor BoolStorage BoolTensor ByteStorage ByteTensor CharStorage ' +
    'CharTensor ComplexDoubleStorage ComplexFloatStorage DoubleStorage DoubleTensor FloatStorage ' +
    'FloatTensor HalfStorage HalfTensor IntStorage IntTensor LongStorage LongTensor QInt32Storage ' +
    'QInt8Storage QUInt2x4Storage QUInt4x2Storage QUInt8Storage ShortStorage ShortTensor Size Tensor ' +
    'UntypedStorage bfloat16 bool complex128 complex64 device double dtype float float16 float32 ' +
    'float64 float8_e4m3fn float8_e5m2 half int int16 int32 int64 int8 layout long per_channel_affine ' +
    'per_tensor_affine qint32 qint8 quint8 short sparse_coo strided uint8',
  'torch._utils':
    '_rebuild_device_tensor_from_numpy _rebuild_meta_tensor_no_storage _rebuild_nested_tensor ' +
    '_rebuild_parameter _rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor ' +
    '_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3',
  'torch._tensor': '_rebuild_from_type_v2',
  'torch.nn.parameter': 'Buffer Parameter UninitializedParameter',
  'torch.storage': 'TypedStorage UntypedStorage _load_from_bytes',
  'torch.serialization': '_get_layout',
  'torch.cuda':
    'BFloat16Storage BFloat16Tensor BoolStorage BoolTensor ByteStorage ByteTensor CharStorage ' +
    'CharTensor ComplexDoubleStorage ComplexFloatStorage DoubleStorage DoubleTensor FloatStorage ' +
    'FloatTensor HalfStorage HalfTensor IntStorage IntTensor LongStorage LongTensor QInt32Storage ' +
    'QInt8Storage QUInt2x4Storage QUInt4x2Storage QUInt8Storage ShortStorage ShortTensor ' +
    'UntypedStorage',
};
