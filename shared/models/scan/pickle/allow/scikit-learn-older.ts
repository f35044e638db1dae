/** Where the estimators of scikit-learn lay before 1.9, back to 0.20, with the private classes that their pickles name. */
export const SCIKIT_LEARN_OLDER = {
  'sklearn._loss.loss': '_BinomialDeviance',
  'sklearn.calibration': 'CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration',
  'sklearn.cluster.birch': 'Birch _CFNode _CFSubcluster',
  'sklearn.cluster.dbscan_': 'DBSCAN',
  'sklearn.cluster.hierarchical': 'AgglomerativeClustering FeatureAgglomeration',
  'sklearn.cluster.k_means_': 'KMeans MiniBatchKMeans',
  'sklearn.cluster.mean_shift_': 'MeanShift',
  'sklearn.cluster.spectral': 'SpectralClustering',
  'sklearn.cluster._hierarchical': 'AgglomerativeClustering',
  'sklearn.cluster._hdbscan.hdbscan': 'HDBSCAN',
  'sklearn.covariance.empirical_covariance_': 'EmpiricalCovariance',
  'sklearn.covariance.robust_covariance': 'MinCovDet',
  'sklearn.covariance.elliptic_envelope': 'EllipticEnvelope',
  'sklearn.covariance.shrunk_covariance_': 'LedoitWolf OAS ShrunkCovariance',
  'sklearn.covariance.graph_lasso_': 'GraphicalLasso GraphicalLassoCV',
  'sklearn.cross_decomposition.pls_': 'PLSCanonical PLSRegression PLSSVD',
  'sklearn.cross_decomposition.cca_': 'CCA',
  'sklearn.decomposition.pca': 'PCA',
  'sklearn.decomposition.nmf': 'NMF',
  'sklearn.decomposition.truncated_svd': 'TruncatedSVD',
  'sklearn.decomposition.kernel_pca': 'KernelPCA',
  'sklearn.decomposition.incremental_pca': 'IncrementalPCA',
  'sklearn.decomposition.fastica_': 'FastICA',
  'sklearn.decomposition.factor_analysis': 'FactorAnalysis',
  'sklearn.decomposition.online_lda': 'LatentDirichletAllocation',
  'sklearn.decomposition._online_lda': 'LatentDirichletAllocation',
  'sklearn.decomposition.sparse_pca': 'MiniBatchSparsePCA SparsePCA',
  'sklearn.decomposition.dict_learning': 'DictionaryLearning MiniBatchDictionaryLearning SparseCoder',
  'sklearn.ensemble.forest':
    'ExtraTreesClassifier ExtraTreesRegressor RandomForestClassifier RandomForestRegressor ' +
    'RandomTreesEmbedding',
  'sklearn.ensemble.bagging': 'BaggingClassifier BaggingRegressor',
  'sklearn.ensemble.iforest': 'IsolationForest',
  'sklearn.ensemble.voting_classifier': 'VotingClassifier',
  'sklearn.ensemble.voting': 'VotingClassifier VotingRegressor',
  'sklearn.ensemble.weight_boosting': 'AdaBoostClassifier AdaBoostRegressor',
  'sklearn.ensemble.gradient_boosting':
    'BinomialDeviance ExponentialLoss GradientBoostingClassifier GradientBoostingRegressor ' +
    'HuberLossFunction LeastAbsoluteError LeastSquaresError LogOddsEstimator MeanEstimator ' +
    'MultinomialDeviance PriorProbabilityEstimator QuantileEstimator QuantileLossFunction ' +
    'ScaledLogOddsEstimator ZeroEstimator',
  'sklearn.ensemble._gb_losses':
    'BinomialDeviance ExponentialLoss HuberLossFunction LeastAbsoluteError LeastSquaresError ' +
    'MultinomialDeviance QuantileLossFunction',
  'sklearn.ensemble._hist_gradient_boosting.loss':
    'BinaryCrossEntropy CategoricalCrossEntropy LeastAbsoluteDeviation LeastSquares Poisson',
  'sklearn.ensemble._hist_gradient_boosting.predictor': 'PREDICTOR_RECORD_DTYPE TreePredictor',
  'sklearn.feature_extraction.dict_vectorizer': 'DictVectorizer',
  'sklearn.feature_extraction.hashing': 'FeatureHasher',
  'sklearn.feature_extraction._hashing': 'FeatureHasher',
  'sklearn.feature_selection.from_model': 'SelectFromModel',
  'sklearn.feature_selection.rfe': 'RFE RFECV',
  'sklearn.feature_selection.univariate_selection':
    'GenericUnivariateSelect SelectFdr SelectFpr SelectFwe SelectKBest SelectPercentile chi2 ' +
    'f_classif f_regression',
  'sklearn.feature_selection.variance_threshold': 'VarianceThreshold',
  'sklearn.feature_selection.mutual_info_': 'mutual_info_classif mutual_info_regression',
  'sklearn.gaussian_process.gpc': 'GaussianProcessClassifier _BinaryGaussianProcessClassifierLaplace',
  'sklearn.gaussian_process.gpr': 'GaussianProcessRegressor',
  'sklearn.impute': 'MissingIndicator SimpleImputer',
  'sklearn.preprocessing.imputation': 'Imputer',
  'sklearn.linear_model.base': 'LinearRegression',
  'sklearn.linear_model.bayes': 'ARDRegression BayesianRidge',
  'sklearn.linear_model.coordinate_descent':
    'ElasticNet ElasticNetCV Lasso LassoCV MultiTaskElasticNet MultiTaskElasticNetCV MultiTaskLasso ' +
    'MultiTaskLassoCV',
  'sklearn.linear_model.huber': 'HuberRegressor',
  'sklearn.linear_model.least_angle': 'Lars LarsCV LassoLars LassoLarsCV LassoLarsIC',
  'sklearn.linear_model.logistic': 'LogisticRegression LogisticRegressionCV',
  'sklearn.linear_model.omp': 'OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV',
  'sklearn.linear_model.passive_aggressive': 'PassiveAggressiveClassifier PassiveAggressiveRegressor',
  'sklearn.linear_model.perceptron': 'Perceptron',
  'sklearn.linear_model.ransac': 'RANSACRegressor',
  'sklearn.linear_model.ridge': 'Ridge RidgeCV RidgeClassifier RidgeClassifierCV _RidgeGCV',
  'sklearn.linear_model.stochastic_gradient': 'SGDClassifier SGDRegressor',
  'sklearn.linear_model.theil_sen': 'TheilSenRegressor',
  'sklearn.linear_model._ridge': '_RidgeGCV',
  'sklearn.linear_model.sgd_fast':
    'EpsilonInsensitive Hinge Huber Log ModifiedHuber SquaredEpsilonInsensitive SquaredHinge ' +
    'SquaredLoss',
  'sklearn.linear_model._sgd_fast':
    'EpsilonInsensitive Hinge Huber Log ModifiedHuber SquaredEpsilonInsensitive SquaredHinge ' +
    'SquaredLoss',
  'sklearn.manifold.isomap': 'Isomap',
  'sklearn.manifold.t_sne': 'TSNE',
  'sklearn.manifold.mds': 'MDS',
  'sklearn.manifold.locally_linear': 'LocallyLinearEmbedding',
  'sklearn.manifold.spectral_embedding_': 'SpectralEmbedding',
  'sklearn.metrics.scorer': '_PredictScorer _ProbaScorer _ThresholdScorer _passthrough_scorer',
  'sklearn.metrics._scorer': '_BaseScorer _PredictScorer _ProbaScorer _ThresholdScorer _passthrough_scorer',
  'sklearn.metrics.classification':
    'accuracy_score f1_score fbeta_score log_loss precision_score recall_score',
  'sklearn.metrics.regression': 'mean_absolute_error mean_squared_error r2_score',
  'sklearn.metrics.ranking': 'average_precision_score roc_auc_score',
  'sklearn.mixture.gaussian_mixture': 'GaussianMixture',
  'sklearn.mixture.bayesian_mixture': 'BayesianGaussianMixture',
  'sklearn.model_selection._search': '_CVScoreTuple',
  'sklearn.naive_bayes': 'BaseNB',
  'sklearn.neighbors.ball_tree': 'BallTree newObj',
  'sklearn.neighbors.kd_tree': 'KDTree newObj',
  'sklearn.neighbors.dist_metrics':
    'ChebyshevDistance EuclideanDistance ManhattanDistance MinkowskiDistance newObj',
  'sklearn.neighbors._dist_metrics':
    'ChebyshevDistance EuclideanDistance ManhattanDistance MinkowskiDistance newObj',
  'sklearn.metrics._dist_metrics':
    'ChebyshevDistance EuclideanDistance ManhattanDistance MinkowskiDistance newObj',
  'sklearn.neighbors.classification': 'KNeighborsClassifier RadiusNeighborsClassifier',
  'sklearn.neighbors.regression': 'KNeighborsRegressor RadiusNeighborsRegressor',
  'sklearn.neighbors.unsupervised': 'NearestNeighbors',
  'sklearn.neighbors.lof': 'LocalOutlierFactor',
  'sklearn.neighbors.kde': 'KernelDensity',
  'sklearn.neighbors.nearest_centroid': 'NearestCentroid',
  'sklearn.neural_network.multilayer_perceptron': 'MLPClassifier MLPRegressor',
  'sklearn.neural_network.rbm': 'BernoulliRBM',
  'sklearn.neural_network._stochastic_optimizers': 'AdamOptimizer SGDOptimizer',
  'sklearn.preprocessing.data':
    'Binarizer KernelCenterer MaxAbsScaler MinMaxScaler Normalizer PolynomialFeatures ' +
    'PowerTransformer QuantileTransformer RobustScaler StandardScaler',
  'sklearn.preprocessing.label': 'LabelBinarizer LabelEncoder MultiLabelBinarizer',
  'sklearn.preprocessing._encoders': 'OneHotEncoder OrdinalEncoder',
  'sklearn.preprocessing._data': 'PolynomialFeatures',
  'sklearn.preprocessing._function_transformer': 'FunctionTransformer',
  'sklearn.random_projection': 'GaussianRandomProjection',
  'sklearn.semi_supervised.label_propagation': 'LabelPropagation LabelSpreading',
  'sklearn.svm.classes': 'LinearSVC LinearSVR NuSVC NuSVR OneClassSVM SVC SVR',
  'sklearn.tree.tree': 'DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor',
  'sklearn.tree._criterion': 'Entropy FriedmanMSE Gini MSE',
  'sklearn.tree._splitter': 'BestSplitter',
  'sklearn.utils': 'Bunch',
  'sklearn.utils._metadata_requests': 'MetadataRouter MethodMapping MethodPair RouterMappingPair',
};
