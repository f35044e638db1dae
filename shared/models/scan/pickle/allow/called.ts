import { TRAINING } from './training.ts';

/**
 * What the frameworks' own picklers call with arguments when they load what they saved. Whatever else is on the list is only
 * named, or made empty by `__new__` and given its attributes: its constructor would read files, take memory by its address, or
 * call what it is given.
 */
export const CALLED: readonly Record<string, string>[] = [
  {
    builtins:
      'ArithmeticError AssertionError AttributeError BaseException Exception FileNotFoundError FloatingPointError ' +
      'FutureWarning ImportError IndexError KeyError LookupError MemoryError NotImplementedError OSError OverflowError ' +
      'PermissionError RuntimeError RuntimeWarning StopIteration TimeoutError TypeError UserWarning ValueError Warning ' +
      'ZeroDivisionError bytearray bytes complex frozenset range set slice',
    _codecs: 'encode',
    copyreg: '_reconstructor',
    collections: 'Counter OrderedDict defaultdict deque',
    datetime: 'date datetime time timedelta timezone',
    decimal: 'Decimal',
    fractions: 'Fraction',
    uuid: 'SafeUUID',
    http: 'HTTPMethod HTTPStatus',
    ipaddress: 'IPv4Address IPv4Interface IPv4Network IPv6Address IPv6Interface IPv6Network',
    pathlib: 'PosixPath PurePosixPath',
    'pathlib._local': 'PosixPath PurePosixPath',
    random: 'Random',
    array: '_array_reconstructor array',
    zoneinfo: 'ZoneInfo._unpickle',
    pytz: '_UTC _p',
    'dateutil.tz.tz': 'tzlocal tzutc',
    re: 'RegexFlag _compile',
    types: 'SimpleNamespace',
    itertools: 'count',
    functools: 'partial',
  },
  {
    numpy: 'dtype',
    'numpy.core.multiarray': '_reconstruct scalar',
    'numpy.core.numeric': '_frombuffer',
    'numpy.core._internal': '_convert_to_stringdtype_kwargs',
    'numpy._core.multiarray': '_reconstruct scalar',
    'numpy._core.numeric': '_frombuffer',
    'numpy._core._internal': '_convert_to_stringdtype_kwargs',
    'numpy.ma.core': 'MaskedConstant _mareconstruct',
    'numpy.random': '__RandomState_ctor',
    'numpy.random.mtrand': '__RandomState_ctor _randomstate_ctor',
    'numpy.random._pickle': '__bit_generator_ctor __generator_ctor __randomstate_ctor',
    'numpy.random._mt19937': 'MT19937',
    'numpy.random._pcg64': 'PCG64 PCG64DXSM',
    'numpy.random._philox': 'Philox',
    'numpy.random._sfc64': 'SFC64',
    'numpy.random.bit_generator': '__pyx_unpickle_SeedSequence',
  },
  {
    pandas: 'DateOffset Interval Period PeriodDtype StringDtype Timedelta Timestamp',
    'pandas._libs.arrays': '__pyx_unpickle_NDArrayBacked',
    'pandas._libs.internals': 'BlockPlacement _unpickle_block',
    'pandas._libs.interval': 'Interval __pyx_unpickle_IntervalMixin',
    'pandas._libs.sparse': 'BlockIndex IntIndex',
    'pandas._libs.tslibs.nattype': '__nat_unpickle _nat_unpickle',
    'pandas._libs.tslibs.offsets':
      'BDay BMonthBegin BMonthEnd BQuarterBegin BQuarterEnd BYearBegin BYearEnd BusinessDay BusinessHour ' +
      'BusinessMonthBegin BusinessMonthEnd DateOffset Day Hour Micro Milli Minute MonthBegin MonthEnd Nano ' +
      'QuarterBegin QuarterEnd Second SemiMonthBegin SemiMonthEnd Week WeekOfMonth YearBegin YearEnd ' +
      '__pyx_unpickle_BaseOffset',
    'pandas._libs.tslibs.timedeltas': 'Timedelta _timedelta_unpickle',
    'pandas._libs.tslibs.timestamps': 'Timestamp _unpickle_timestamp',
    'pandas._libs.tslibs.period': 'Period',
    'pandas._libs.tslib': 'Timestamp _nat_unpickle',
    'pandas.core.indexes.base': '_new_Index',
    'pandas.core.indexes.datetimes': '_new_DatetimeIndex',
    'pandas.core.indexes.interval': '_new_IntervalIndex',
    'pandas.core.indexes.timedeltas': '_new_TimedeltaIndex',
    'pandas.core.indexes.period': '_new_PeriodIndex',
    'pandas.core.indexes.frozen': 'FrozenList',
    'pandas.core.internals.managers': 'BlockManager SingleBlockManager',
    'pandas.core.internals.blocks': 'new_block',
    'pandas.core.internals': 'BlockManager SingleBlockManager',
    'pandas.core.arrays.string_': 'StringDtype',
    'pandas.core.dtypes.dtypes': 'PeriodDtype',
    'pandas.tseries.offsets':
      'BusinessDay DateOffset Day Hour Minute MonthBegin MonthEnd QuarterEnd Week YearEnd',
    'pyarrow.lib':
      '_restore_array decimal128 dictionary field large_list list_ py_buffer struct timestamp type_for_alias',
  },
  {
    'sklearn._loss._loss':
      'CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss CyHalfMultinomialLoss ' +
      'CyHalfPoissonLoss CyHalfSquaredError CyHalfTweedieLoss CyHalfTweedieLossIdentity CyHuberLoss CyPinballLoss',
    'sklearn.impute._iterative': '_ImputerTriplet',
    'sklearn.linear_model._sgd_fast':
      'Classification EpsilonInsensitive Hinge Huber Log ModifiedHuber Regression SquaredEpsilonInsensitive ' +
      'SquaredHinge SquaredLoss',
    'sklearn.linear_model.sgd_fast':
      'EpsilonInsensitive Hinge Huber Log ModifiedHuber SquaredEpsilonInsensitive SquaredHinge SquaredLoss',
    'sklearn.metrics._dist_metrics': 'newObj',
    'sklearn.model_selection._search': '_CVScoreTuple',
    'sklearn.neighbors._ball_tree': 'newObj',
    'sklearn.neighbors._dist_metrics': 'newObj',
    'sklearn.neighbors._kd_tree': 'newObj',
    'sklearn.neighbors.ball_tree': 'newObj',
    'sklearn.neighbors.dist_metrics': 'newObj',
    'sklearn.neighbors.kd_tree': 'newObj',
    'sklearn.tree._criterion': 'Entropy FriedmanMSE Gini MSE',
    'sklearn.tree._splitter': 'BestSplitter',
    'sklearn.tree._tree': 'Tree',
    'sklearn.utils._metadata_requests': 'MethodPair RouterMappingPair',
  },
  {
    torch: 'Size device',
    'torch._utils':
      '_rebuild_device_tensor_from_cpu_tensor _rebuild_device_tensor_from_numpy _rebuild_meta_tensor_no_storage ' +
      '_rebuild_nested_tensor _rebuild_parameter _rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor ' +
      '_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3',
    'torch.nested._internal.nested_tensor': '_rebuild_njt',
    'torch.nn.parameter': 'UninitializedParameter',
    'torch._tensor': '_rebuild_from_type_v2',
    'torch.storage': '_load_from_bytes',
    'torch.serialization': '_get_layout',
    'torch.torch_version': 'TorchVersion',
    'torch.return_types':
      'cummax cummin kthvalue linalg_eig linalg_eigh linalg_qr linalg_svd max median min mode sort topk',
  },
  { _catboost: '_CatBoost' },
  TRAINING,
];
