/** pandas 0.25 to 3.1: frames, indexes, the arrays in them and their types, and the arrays of Arrow that they may hold. */
export const PANDAS = {
  pandas:
    'ArrowDtype BooleanDtype Categorical CategoricalDtype CategoricalIndex DataFrame DateOffset ' +
    'DatetimeIndex DatetimeTZDtype Float32Dtype Float64Dtype Index Int16Dtype Int32Dtype Int64Dtype ' +
    'Int8Dtype Interval IntervalDtype IntervalIndex MultiIndex NA NaT Period PeriodDtype PeriodIndex ' +
    'RangeIndex Series SparseDtype StringDtype Timedelta TimedeltaIndex Timestamp UInt16Dtype ' +
    'UInt32Dtype UInt64Dtype UInt8Dtype',
  'pandas.arrays':
    'ArrowExtensionArray ArrowStringArray BooleanArray DatetimeArray FloatingArray IntegerArray ' +
    'IntervalArray NumpyExtensionArray PandasArray PeriodArray SparseArray StringArray TimedeltaArray',
  'pandas._libs.arrays': 'NDArrayBacked __pyx_unpickle_NDArrayBacked',
  'pandas._libs.internals': 'BlockPlacement _unpickle_block',
  'pandas._libs.interval': 'Interval __pyx_unpickle_IntervalMixin',
  'pandas._libs.sparse': 'BlockIndex IntIndex',
  'pandas._libs.missing': 'C_NA NAType',
  'pandas._libs.tslibs.nattype': '__nat_unpickle _nat_unpickle',
  'pandas._libs.tslibs.offsets':
    'BDay BMonthBegin BMonthEnd BQuarterBegin BQuarterEnd BYearBegin BYearEnd BusinessDay ' +
    'BusinessHour BusinessMonthBegin BusinessMonthEnd DateOffset Day Hour Micro Milli Minute ' +
    'MonthBegin MonthEnd Nano QuarterBegin QuarterEnd Second SemiMonthBegin SemiMonthEnd Week ' +
    'WeekOfMonth YearBegin YearEnd __pyx_unpickle_BaseOffset',
  'pandas._libs.tslibs.timedeltas': 'Timedelta _timedelta_unpickle',
  'pandas._libs.tslibs.timestamps': 'Timestamp _unpickle_timestamp',
  'pandas._libs.tslibs.period': 'Period',
  'pandas._libs.tslib': 'Timestamp _nat_unpickle',
  'pandas.core.indexes.base': 'Index _new_Index',
  'pandas.core.indexes.datetimes': 'DatetimeIndex _new_DatetimeIndex',
  'pandas.core.indexes.interval': 'IntervalIndex _new_IntervalIndex',
  'pandas.core.indexes.timedeltas': 'TimedeltaIndex _new_TimedeltaIndex',
  'pandas.core.indexes.period': 'PeriodIndex _new_PeriodIndex',
  'pandas.core.indexes.range': 'RangeIndex',
  'pandas.core.indexes.numeric': 'Float64Index Int64Index UInt64Index',
  'pandas.core.indexes.multi': 'MultiIndex',
  'pandas.core.indexes.category': 'CategoricalIndex',
  'pandas.core.indexes.frozen': 'FrozenList',
  'pandas.core.internals.managers': 'BlockManager SingleBlockManager',
  'pandas.core.internals.blocks': 'new_block',
  'pandas.core.internals': 'BlockManager SingleBlockManager',
  'pandas.core.frame': 'DataFrame',
  'pandas.core.series': 'Series',
  'pandas.core.flags': 'Flags',
  'pandas.core.arrays.categorical': 'Categorical',
  'pandas.core.arrays.datetimes': 'DatetimeArray',
  'pandas.core.arrays.timedeltas': 'TimedeltaArray',
  'pandas.core.arrays.integer':
    'Int16Dtype Int32Dtype Int64Dtype Int8Dtype IntegerArray UInt16Dtype UInt32Dtype UInt64Dtype ' +
    'UInt8Dtype',
  'pandas.core.arrays.floating': 'Float32Dtype Float64Dtype FloatingArray',
  'pandas.core.arrays.boolean': 'BooleanArray BooleanDtype',
  'pandas.core.arrays.string_': 'StringArray StringDtype',
  'pandas.core.arrays.string_arrow': 'ArrowStringArray',
  'pandas.core.arrays.interval': 'IntervalArray',
  'pandas.core.arrays.period': 'PeriodArray',
  'pandas.core.arrays.sparse': 'SparseArray SparseDtype',
  'pandas.core.arrays.sparse.array': 'SparseArray',
  'pandas.core.arrays.sparse.dtype': 'SparseDtype',
  'pandas.core.arrays.numpy_': 'PandasArray PandasDtype',
  'pandas.core.arrays.arrow.array': 'ArrowExtensionArray',
  'pandas.core.dtypes.dtypes':
    'ArrowDtype CategoricalDtype DatetimeTZDtype IntervalDtype NumpyEADtype PeriodDtype SparseDtype',
  'pandas.tseries.offsets':
    'BusinessDay DateOffset Day Hour Minute MonthBegin MonthEnd QuarterEnd Week YearEnd',
  'pyarrow.lib':
    '_restore_array decimal128 dictionary field large_list list_ py_buffer struct timestamp type_for_alias',
};
