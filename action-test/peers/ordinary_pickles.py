"""Pickles what data scientists keep beside their models: frames, arrays, sparse matrices, values of Python."""

import collections
import datetime
import decimal
import fractions
import io
import json
import pickle
import sys
import uuid
import warnings

import joblib
import numpy as np
import pandas as pd
import scipy.interpolate as si
import scipy.sparse as sp
import scipy.spatial

warnings.filterwarnings("ignore")
json.load(sys.stdin)
rng=pd.date_range('2020-01-01',periods=4,tz='Europe/Berlin')
df=pd.DataFrame({'a':[1,2,3,4],'b':list('wxyz'),'c':pd.Categorical(list('aabb'),ordered=True),'d':rng,'e':pd.array([1,None,2,3],dtype='Int64'),'f':pd.array([True,None,True,False],dtype='boolean'),'g':pd.array([1.,None,2,3],dtype='Float64'),'h':pd.to_timedelta([1,2,3,4],'s'),'i':pd.period_range('2020','2023',freq='Y'),'j':pd.interval_range(0,4),'k':pd.array([0,0,1,2],dtype=pd.SparseDtype(int)),'l':pd.array(list('abcd'),dtype='string'),'m':rng.tz_localize(None),'n':[None,1,'x',2.5],'o':pd.array(list('abcd'),dtype='string[pyarrow]'),'p':pd.array([1,2,3,None],dtype='int64[pyarrow]'), 'q':pd.array(list('abcd'),dtype=pd.StringDtype('python'))})
objs=[df,df['a'],df.set_index(['a','b']),df.index,rng,pd.MultiIndex.from_product([[1,2],list('ab')]),pd.Timestamp.now(),pd.Timestamp('2020',tz='UTC'),pd.Timedelta(1),pd.Period('2020'),pd.Interval(0,1),pd.NaT,pd.NA,pd.RangeIndex(3),pd.CategoricalIndex(list('ab')),pd.IntervalIndex.from_breaks([0,1,2]),pd.TimedeltaIndex([1]),pd.PeriodIndex(['2020'],freq='M'),pd.offsets.MonthEnd(2),pd.offsets.Day(),pd.offsets.BDay(),pd.offsets.Hour(),pd.DateOffset(months=1),
 *[getattr(sp,f+t)(np.eye(3)) for f in ('csr','csc','coo','bsr','dia','lil','dok') for t in ('_matrix','_array')],
 si.interp1d([1,2,3],[1,2,3]),si.CubicSpline([1,2,3],[1,2,3]),si.PchipInterpolator([1,2,3],[1,2,3]),si.UnivariateSpline([1,2,3,4,5],[1,2,3,4,4]),si.BSpline(np.arange(8.),np.ones(4),3),si.PPoly(np.ones((2,2)),[0,1,2]),si.RegularGridInterpolator(([1,2],[1,2]),np.eye(2)),scipy.spatial.cKDTree(np.eye(3)),scipy.spatial.KDTree(np.eye(3)),
 datetime.datetime.now(),datetime.date.today(),datetime.time(1),datetime.timedelta(1),datetime.timezone.utc,decimal.Decimal('1.5'),uuid.uuid4(),fractions.Fraction(1,2),collections.OrderedDict(a=1),collections.defaultdict(list,a=[1]),collections.Counter('ab'),collections.deque([1]),{1,2},frozenset([1]),1+2j,slice(1,2),range(3),bytearray(b'x'),b'abc',
 np.arange(3),np.float64(1),np.array(['a']),np.array([1,'x'],object),np.zeros(2,dtype=[('a','i4'),('b','O')]),np.ma.array([1,2],mask=[0,1]),np.matrix([1]),np.rec.array([(1,2)]),np.random.default_rng(),np.random.RandomState(),np.random.Philox(),np.random.SFC64(),np.log1p,np.datetime64('2020'),np.poly1d([1]),np.polynomial.Polynomial([1]),np.asfortranarray(np.eye(3)),np.dtypes.Float64DType(), np.char.array(['a'])]


def streams(value):
    for protocol in range(6):
        try:
            yield f"protocol {protocol}", pickle.dumps(value, protocol)
        except TypeError:
            # Some classes need protocol 2.
            pass
    for protocol in [2, 5]:
        stream = io.BytesIO()
        joblib.dump(value, stream, protocol=protocol)
        yield f"joblib, protocol {protocol}", stream.getvalue()


answers = []
for index, value in enumerate(objs):
    for kind, data in streams(value):
        name = f"{index} {type(value).__name__}, {kind}"
        answers.append({"name": name, "data": data.hex()})
print(json.dumps(answers))
