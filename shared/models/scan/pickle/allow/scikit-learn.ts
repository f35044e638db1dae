/**
 * What the estimators of scikit-learn 1.9.1 import when they are loaded: `python action-test/peers/sklearn_pickles.py --list`,
 * without what reads or writes files, and with the few names beside it that options of estimators bring in.
 */
export const SCIKIT_LEARN = {
  'sklearn._config': 'config_context',
  'sklearn._loss._loss':
    'CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss CyHalfMultinomialLoss ' +
    'CyHalfPoissonLoss CyHalfSquaredError CyHalfTweedieLoss CyHalfTweedieLossIdentity CyHuberLoss ' +
    'CyLossFunction CyPinballLoss',
  'sklearn._loss.link': 'BaseLink HalfLogitLink IdentityLink Interval LogLink LogitLink MultinomialLogit',
  'sklearn._loss.loss':
    'AbsoluteError ArrayAPILossMixin BaseLoss ExponentialLoss HalfBinomialLoss ' +
    'HalfBinomialLossArrayAPI HalfGammaLoss HalfMultinomialLoss HalfMultinomialLossArrayAPI ' +
    'HalfPoissonLoss HalfPoissonLossArrayAPI HalfSquaredError HalfTweedieLoss HalfTweedieLossIdentity ' +
    'HuberLoss PinballLoss',
  'sklearn.calibration':
    'CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration _TemperatureScaling',
  'sklearn.cluster._affinity_propagation': 'AffinityPropagation',
  'sklearn.cluster._agglomerative': 'AgglomerativeClustering FeatureAgglomeration',
  'sklearn.cluster._bicluster': 'SpectralBiclustering SpectralCoclustering',
  'sklearn.cluster._birch': 'Birch _CFNode _CFSubcluster',
  'sklearn.cluster._bisect_k_means': 'BisectingKMeans _BisectingTree',
  'sklearn.cluster._dbscan': 'DBSCAN',
  'sklearn.cluster._hdbscan.hdbscan': 'HDBSCAN',
  'sklearn.cluster._kmeans': 'KMeans MiniBatchKMeans _kmeans_single_lloyd',
  'sklearn.cluster._mean_shift': 'MeanShift',
  'sklearn.cluster._optics': 'OPTICS',
  'sklearn.cluster._spectral': 'SpectralClustering',
  'sklearn.compose._column_transformer': 'ColumnTransformer _RemainderColsList make_column_selector',
  'sklearn.compose._target': 'TransformedTargetRegressor',
  'sklearn.covariance._elliptic_envelope': 'EllipticEnvelope',
  'sklearn.covariance._empirical_covariance': 'EmpiricalCovariance',
  'sklearn.covariance._graph_lasso': 'GraphicalLasso GraphicalLassoCV',
  'sklearn.covariance._robust_covariance': 'MinCovDet',
  'sklearn.covariance._shrunk_covariance': 'LedoitWolf OAS ShrunkCovariance',
  'sklearn.cross_decomposition._pls': 'CCA PLSCanonical PLSRegression PLSSVD',
  'sklearn.decomposition._dict_learning': 'DictionaryLearning MiniBatchDictionaryLearning SparseCoder',
  'sklearn.decomposition._factor_analysis': 'FactorAnalysis',
  'sklearn.decomposition._fastica': 'FastICA',
  'sklearn.decomposition._incremental_pca': 'IncrementalPCA',
  'sklearn.decomposition._kernel_pca': 'KernelPCA',
  'sklearn.decomposition._lda': 'LatentDirichletAllocation',
  'sklearn.decomposition._nmf': 'MiniBatchNMF NMF',
  'sklearn.decomposition._pca': 'PCA',
  'sklearn.decomposition._sparse_pca': 'MiniBatchSparsePCA SparsePCA',
  'sklearn.decomposition._truncated_svd': 'TruncatedSVD',
  'sklearn.discriminant_analysis': 'LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis',
  'sklearn.dummy': 'DummyClassifier DummyRegressor',
  'sklearn.ensemble._bagging': 'BaggingClassifier BaggingRegressor',
  'sklearn.ensemble._forest':
    'ExtraTreesClassifier ExtraTreesRegressor RandomForestClassifier RandomForestRegressor ' +
    'RandomTreesEmbedding',
  'sklearn.ensemble._gb': 'GradientBoostingClassifier GradientBoostingRegressor',
  'sklearn.ensemble._hist_gradient_boosting.binning': '_BinMapper',
  'sklearn.ensemble._hist_gradient_boosting.gradient_boosting':
    'HistGradientBoostingClassifier HistGradientBoostingRegressor',
  'sklearn.ensemble._hist_gradient_boosting.predictor': 'TreePredictor',
  'sklearn.ensemble._iforest': 'IsolationForest',
  'sklearn.ensemble._stacking': 'StackingClassifier StackingRegressor',
  'sklearn.ensemble._voting': 'VotingClassifier VotingRegressor',
  'sklearn.ensemble._weight_boosting': 'AdaBoostClassifier AdaBoostRegressor',
  'sklearn.exceptions': 'DataConversionWarning',
  'sklearn.externals._packaging.version': 'parse',
  'sklearn.feature_extraction._dict_vectorizer': 'DictVectorizer',
  'sklearn.feature_extraction._hash': 'FeatureHasher',
  'sklearn.feature_extraction.image': 'PatchExtractor',
  'sklearn.feature_extraction.text':
    'CountVectorizer HashingVectorizer TfidfTransformer TfidfVectorizer _analyze strip_accents_ascii ' +
    'strip_accents_unicode strip_tags',
  'sklearn.feature_selection._base': 'SelectorMixin',
  'sklearn.feature_selection._from_model': 'SelectFromModel',
  'sklearn.feature_selection._mutual_info': 'mutual_info_classif mutual_info_regression',
  'sklearn.feature_selection._rfe': 'RFE RFECV',
  'sklearn.feature_selection._sequential': 'SequentialFeatureSelector',
  'sklearn.feature_selection._univariate_selection':
    'GenericUnivariateSelect SelectFdr SelectFpr SelectFwe SelectKBest SelectPercentile chi2 ' +
    'f_classif f_oneway f_regression r_regression',
  'sklearn.feature_selection._variance_threshold': 'VarianceThreshold',
  'sklearn.frozen._frozen': 'FrozenEstimator',
  'sklearn.gaussian_process._gpc': 'GaussianProcessClassifier _BinaryGaussianProcessClassifierLaplace',
  'sklearn.gaussian_process._gpr': 'GaussianProcessRegressor',
  'sklearn.gaussian_process.kernels':
    'CompoundKernel ConstantKernel DotProduct ExpSineSquared Exponentiation GenericKernelMixin ' +
    'Hyperparameter Kernel KernelOperator Matern NormalizedKernelMixin PairwiseKernel Product RBF ' +
    'RationalQuadratic StationaryKernelMixin Sum WhiteKernel',
  'sklearn.impute._base': 'MissingIndicator SimpleImputer',
  'sklearn.impute._iterative': 'IterativeImputer _ImputerTriplet',
  'sklearn.impute._knn': 'KNNImputer',
  'sklearn.isotonic': 'IsotonicRegression',
  'sklearn.kernel_approximation':
    'AdditiveChi2Sampler Nystroem PolynomialCountSketch RBFSampler SkewedChi2Sampler',
  'sklearn.kernel_ridge': 'KernelRidge',
  'sklearn.linear_model._base': 'LinearRegression',
  'sklearn.linear_model._bayes': 'ARDRegression BayesianRidge',
  'sklearn.linear_model._coordinate_descent':
    'ElasticNet ElasticNetCV Lasso LassoCV MultiTaskElasticNet MultiTaskElasticNetCV MultiTaskLasso ' +
    'MultiTaskLassoCV',
  'sklearn.linear_model._glm.glm': 'GammaRegressor PoissonRegressor TweedieRegressor',
  'sklearn.linear_model._huber': 'HuberRegressor',
  'sklearn.linear_model._least_angle': 'Lars LarsCV LassoLars LassoLarsCV LassoLarsIC',
  'sklearn.linear_model._logistic': 'LogisticRegression LogisticRegressionCV',
  'sklearn.linear_model._omp': 'OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV',
  'sklearn.linear_model._passive_aggressive': 'PassiveAggressiveClassifier PassiveAggressiveRegressor',
  'sklearn.linear_model._perceptron': 'Perceptron',
  'sklearn.linear_model._quantile': 'QuantileRegressor',
  'sklearn.linear_model._ransac': 'RANSACRegressor',
  'sklearn.linear_model._ridge': 'Ridge RidgeCV RidgeClassifier RidgeClassifierCV',
  'sklearn.linear_model._sgd_fast':
    'Classification EpsilonInsensitive Hinge ModifiedHuber Regression SquaredEpsilonInsensitive ' +
    'SquaredHinge',
  'sklearn.linear_model._stochastic_gradient': 'SGDClassifier SGDOneClassSVM SGDRegressor',
  'sklearn.linear_model._theil_sen': 'TheilSenRegressor',
  'sklearn.manifold._classical_mds': 'ClassicalMDS',
  'sklearn.manifold._isomap': 'Isomap',
  'sklearn.manifold._locally_linear': 'LocallyLinearEmbedding',
  'sklearn.manifold._mds': 'MDS',
  'sklearn.manifold._spectral_embedding': 'SpectralEmbedding',
  'sklearn.manifold._t_sne': 'TSNE',
  'sklearn.metrics._classification':
    'accuracy_score balanced_accuracy_score brier_score_loss class_likelihood_ratios ' +
    'classification_report cohen_kappa_score confusion_matrix d2_brier_score d2_log_loss_score ' +
    'f1_score fbeta_score hamming_loss hinge_loss jaccard_score log_loss matthews_corrcoef ' +
    'multilabel_confusion_matrix precision_recall_fscore_support precision_score recall_score ' +
    'zero_one_loss',
  'sklearn.metrics._dist_metrics':
    'BrayCurtisDistance32 BrayCurtisDistance64 CanberraDistance32 CanberraDistance64 ' +
    'ChebyshevDistance32 ChebyshevDistance64 DiceDistance32 DiceDistance64 DistanceMetric ' +
    'DistanceMetric32 DistanceMetric64 EuclideanDistance32 EuclideanDistance64 HammingDistance32 ' +
    'HammingDistance64 HaversineDistance32 HaversineDistance64 JaccardDistance32 JaccardDistance64 ' +
    'KulsinskiDistance32 KulsinskiDistance64 MahalanobisDistance32 MahalanobisDistance64 ' +
    'ManhattanDistance32 ManhattanDistance64 MatchingDistance32 MatchingDistance64 ' +
    'MinkowskiDistance32 MinkowskiDistance64 PyFuncDistance32 PyFuncDistance64 ' +
    'RogersTanimotoDistance32 RogersTanimotoDistance64 RussellRaoDistance32 RussellRaoDistance64 ' +
    'SEuclideanDistance32 SEuclideanDistance64 SokalMichenerDistance32 SokalMichenerDistance64 ' +
    'SokalSneathDistance32 SokalSneathDistance64 newObj',
  'sklearn.metrics._ranking':
    'auc average_precision_score confusion_matrix_at_thresholds coverage_error dcg_score det_curve ' +
    'label_ranking_average_precision_score label_ranking_loss metric_at_thresholds ndcg_score ' +
    'precision_recall_curve roc_auc_score roc_curve top_k_accuracy_score',
  'sklearn.metrics._regression':
    'd2_absolute_error_score d2_pinball_score d2_tweedie_score explained_variance_score max_error ' +
    'mean_absolute_error mean_absolute_percentage_error mean_gamma_deviance mean_pinball_loss ' +
    'mean_poisson_deviance mean_squared_error mean_squared_log_error mean_tweedie_deviance ' +
    'median_absolute_error r2_score root_mean_squared_error root_mean_squared_log_error',
  'sklearn.metrics._scorer':
    '_CurveScorer _PassthroughScorer _Scorer negative_likelihood_ratio positive_likelihood_ratio',
  'sklearn.metrics.cluster._bicluster': 'consensus_score',
  'sklearn.metrics.cluster._supervised':
    'adjusted_mutual_info_score adjusted_rand_score completeness_score fowlkes_mallows_score ' +
    'homogeneity_completeness_v_measure homogeneity_score mutual_info_score ' +
    'normalized_mutual_info_score pair_confusion_matrix rand_score v_measure_score',
  'sklearn.metrics.cluster._unsupervised':
    'calinski_harabasz_score davies_bouldin_score silhouette_samples silhouette_score',
  'sklearn.metrics.pairwise':
    'additive_chi2_kernel chi2_kernel cosine_distances cosine_similarity distance_metrics ' +
    'euclidean_distances haversine_distances kernel_metrics laplacian_kernel linear_kernel ' +
    'manhattan_distances nan_euclidean_distances paired_cosine_distances paired_distances ' +
    'paired_euclidean_distances paired_manhattan_distances pairwise_distances ' +
    'pairwise_distances_argmin pairwise_distances_argmin_min pairwise_distances_chunked ' +
    'pairwise_kernels polynomial_kernel rbf_kernel sigmoid_kernel',
  'sklearn.mixture._bayesian_mixture': 'BayesianGaussianMixture',
  'sklearn.mixture._gaussian_mixture': 'GaussianMixture',
  'sklearn.model_selection._classification_threshold': 'FixedThresholdClassifier TunedThresholdClassifierCV',
  'sklearn.model_selection._search': 'GridSearchCV ParameterGrid ParameterSampler RandomizedSearchCV',
  'sklearn.model_selection._search_successive_halving': 'HalvingGridSearchCV HalvingRandomSearchCV',
  'sklearn.model_selection._split':
    'BaseCrossValidator BaseShuffleSplit GroupKFold GroupShuffleSplit KFold LeaveOneGroupOut ' +
    'LeaveOneOut LeavePGroupsOut LeavePOut PredefinedSplit RepeatedKFold RepeatedStratifiedKFold ' +
    'ShuffleSplit StratifiedGroupKFold StratifiedKFold StratifiedShuffleSplit TimeSeriesSplit',
  'sklearn.multiclass': 'OneVsOneClassifier OneVsRestClassifier OutputCodeClassifier _ConstantPredictor',
  'sklearn.multioutput': 'ClassifierChain MultiOutputClassifier MultiOutputRegressor RegressorChain',
  'sklearn.naive_bayes': 'BernoulliNB CategoricalNB ComplementNB GaussianNB MultinomialNB',
  'sklearn.neighbors._ball_tree': 'BallTree BallTree32 BallTree64 newObj',
  'sklearn.neighbors._classification': 'KNeighborsClassifier RadiusNeighborsClassifier',
  'sklearn.neighbors._graph': 'KNeighborsTransformer RadiusNeighborsTransformer',
  'sklearn.neighbors._kd_tree': 'KDTree KDTree32 KDTree64 newObj',
  'sklearn.neighbors._kde': 'KernelDensity',
  'sklearn.neighbors._lof': 'LocalOutlierFactor',
  'sklearn.neighbors._nca': 'NeighborhoodComponentsAnalysis',
  'sklearn.neighbors._nearest_centroid': 'NearestCentroid',
  'sklearn.neighbors._regression': 'KNeighborsRegressor RadiusNeighborsRegressor',
  'sklearn.neighbors._unsupervised': 'NearestNeighbors',
  'sklearn.neural_network._multilayer_perceptron': 'MLPClassifier MLPRegressor',
  'sklearn.neural_network._rbm': 'BernoulliRBM',
  'sklearn.neural_network._stochastic_optimizers': 'AdamOptimizer',
  'sklearn.pipeline': 'FeatureUnion Pipeline',
  'sklearn.preprocessing._data':
    'Binarizer KernelCenterer MaxAbsScaler MinMaxScaler Normalizer PowerTransformer ' +
    'QuantileTransformer RobustScaler StandardScaler binarize maxabs_scale minmax_scale normalize ' +
    'power_transform quantile_transform robust_scale scale',
  'sklearn.preprocessing._discretization': 'KBinsDiscretizer',
  'sklearn.preprocessing._encoders': 'OneHotEncoder OrdinalEncoder',
  'sklearn.preprocessing._function_transformer': 'FunctionTransformer',
  'sklearn.preprocessing._label': 'LabelBinarizer LabelEncoder MultiLabelBinarizer',
  'sklearn.preprocessing._polynomial': 'PolynomialFeatures SplineTransformer',
  'sklearn.preprocessing._target_encoder': 'TargetEncoder',
  'sklearn.random_projection': 'GaussianRandomProjection SparseRandomProjection',
  'sklearn.semi_supervised._label_propagation': 'LabelPropagation LabelSpreading',
  'sklearn.semi_supervised._self_training': 'SelfTrainingClassifier',
  'sklearn.svm._classes': 'LinearSVC LinearSVR NuSVC NuSVR OneClassSVM SVC SVR',
  'sklearn.tree._classes':
    'DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor',
  'sklearn.tree._tree': 'Tree',
  'sklearn.utils._bunch': 'Bunch',
  'sklearn.utils._metadata_requests': 'MetadataRequest MethodMetadataRequest',
  'sklearn.utils.validation': 'check_array',
};
