/**
 * What `torch.save` writes of a state dictionary, as `torch.load` with `weights_only` lets it through, and the functions that
 * layers keep. For whole layers see torch-objects.ts.
 */
export const TORCH = {
  torch:
    'BFloat16Storage BFloat16Tensor BoolStorage BoolTensor ByteStorage ByteTensor CharStorage ' +
    'CharTensor ComplexDoubleStorage ComplexFloatStorage DoubleStorage DoubleTensor FloatStorage ' +
    'FloatTensor HalfStorage HalfTensor IntStorage IntTensor LongStorage LongTensor QInt32Storage ' +
    'QInt8Storage QUInt2x4Storage QUInt4x2Storage QUInt8Storage ShortStorage ShortTensor Size ' +
    'Tensor UntypedStorage bcomplex32 bfloat16 bits16 bits1x8 bits2x4 bits4x2 bits8 bool ' +
    'channels_last channels_last_3d complex128 complex32 complex64 contiguous_format device ' +
    'double dtype float float16 float32 float4_e2m1fn_x2 float64 float8_e4m3fn float8_e4m3fnuz ' +
    'float8_e5m2 float8_e5m2fnuz float8_e8m0fnu half int int1 int16 int2 int3 int32 int4 int5 ' +
    'int6 int64 int7 int8 jagged layout long per_channel_affine per_channel_affine_float_qparams ' +
    'per_channel_symmetric per_tensor_affine per_tensor_symmetric preserve_format qint32 qint8 ' +
    'quint2x4 quint4x2 quint8 short sparse_bsc sparse_bsr sparse_coo sparse_csc sparse_csr ' +
    'strided uint1 uint16 uint2 uint3 uint32 uint4 uint5 uint6 uint64 uint7 uint8',
  'torch._utils':
    '_rebuild_device_tensor_from_cpu_tensor _rebuild_device_tensor_from_numpy _rebuild_meta_tensor_no_storage _rebuild_nested_tensor ' +
    '_rebuild_parameter _rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor ' +
    '_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3',
  'torch.nested._internal.nested_tensor': 'NestedTensor _rebuild_njt',
  'torch.nn.functional':
    'celu elu gelu hardsigmoid hardswish hardtanh leaky_relu log_softmax logsigmoid mish relu relu6 selu sigmoid ' +
    'silu softmax softplus softsign tanh tanhshrink',
  'torch._C._nn': 'gelu softplus',
  'torch._tensor': '_rebuild_from_type_v2',
  'torch.nn.parameter': 'Buffer Parameter UninitializedParameter',
  'torch.storage': 'TypedStorage UntypedStorage _load_from_bytes',
  'torch.serialization': '_get_layout',
  'torch.torch_version': 'TorchVersion',
  'torch.return_types':
    'cummax cummin kthvalue linalg_eig linalg_eigh linalg_qr linalg_svd max median min mode sort topk',
  'torch.cuda':
    'BFloat16Storage BFloat16Tensor BoolStorage BoolTensor ByteStorage ByteTensor CharStorage ' +
    'CharTensor ComplexDoubleStorage ComplexFloatStorage DoubleStorage DoubleTensor FloatStorage ' +
    'FloatTensor HalfStorage HalfTensor IntStorage IntTensor LongStorage LongTensor QInt32Storage ' +
    'QInt8Storage QUInt2x4Storage QUInt4x2Storage QUInt8Storage ShortStorage ShortTensor ' +
    'UntypedStorage',
};

/** What TorchScript gives its lists a type by: each gives back what it is given. Only in an archive of torch. */
export const TORCH_SCRIPT = {
  'torch.jit._pickle':
    'build_boollist build_doublelist build_intlist build_tensor_from_id build_tensorlist restore_type_tag',
};
