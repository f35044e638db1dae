/** The wrappers that joblib puts in place of arrays, whose bytes the scan passes over as joblib does. */
export const JOBLIB = {
  'joblib.numpy_pickle': 'NDArrayWrapper NumpyArrayWrapper ZNDArrayWrapper',
  'joblib.numpy_pickle_compat': 'NDArrayWrapper ZNDArrayWrapper',
  'sklearn.externals.joblib.numpy_pickle': 'NDArrayWrapper NumpyArrayWrapper ZNDArrayWrapper',
  'sklearn.externals.joblib.numpy_pickle_compat': 'NDArrayWrapper ZNDArrayWrapper',
};
