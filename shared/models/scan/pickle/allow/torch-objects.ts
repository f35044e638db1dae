/**
 * Classes whose objects people save whole: the layers, optimizers, schedulers, datasets and samplers of PyTorch, and the
 * arguments of a training with transformers. To load one gives an empty object its attributes. To call the class would run its
 * constructor, which calls and copies what it is given; no pickler writes that, and it is refused.
 *
 * Not on the list: layers that were never used (`Lazy…`), for they hold bound methods; `ParameterDict`, whose items are
 * attributes of any name; `DataLoader`, which starts processes where its values are listed.
 * action-test/heavy/torch-names.test.ts holds the list to the installed PyTorch.
 */
export const TORCH_OBJECTS = {
  'accelerate.state': 'PartialState',
  'torch.amp.grad_scaler': 'GradScaler _refresh_per_optimizer_state',
  'torch.cuda.amp.grad_scaler': 'GradScaler _refresh_per_optimizer_state',
  'torch.nn.modules.activation':
    'CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid ' +
    'LogSoftmax Mish MultiheadAttention PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax ' +
    'Softmax2d Softmin Softplus Softshrink Softsign Tanh Tanhshrink Threshold',
  'torch.nn.modules.adaptive': 'AdaptiveLogSoftmaxWithLoss',
  'torch.nn.modules.batchnorm': 'BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm',
  'torch.nn.modules.channelshuffle': 'ChannelShuffle',
  'torch.nn.modules.container': 'ModuleDict ModuleList ParameterList Sequential',
  'torch.nn.modules.conv': 'Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d',
  'torch.nn.modules.distance': 'CosineSimilarity PairwiseDistance',
  'torch.nn.modules.dropout': 'AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout',
  'torch.nn.modules.flatten': 'Flatten Unflatten',
  'torch.nn.modules.fold': 'Fold Unfold',
  'torch.nn.modules.instancenorm': 'InstanceNorm1d InstanceNorm2d InstanceNorm3d',
  'torch.nn.modules.linear': 'Bilinear Identity Linear NonDynamicallyQuantizableLinear',
  'torch.nn.modules.loss':
    'BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss ' +
    'HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss LinearCrossEntropyLoss MSELoss ' +
    'MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss ' +
    'NLLLoss2d PoissonNLLLoss SmoothL1Loss SoftMarginLoss TripletMarginLoss ' +
    'TripletMarginWithDistanceLoss',
  'torch.nn.modules.module': 'Module _WrappedHook',
  'torch.nn.modules.normalization': 'CrossMapLRN2d GroupNorm LayerNorm LocalResponseNorm RMSNorm',
  'torch.nn.modules.padding':
    'CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d ' +
    'ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ' +
    'ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d',
  'torch.nn.modules.pixelshuffle': 'PixelShuffle PixelUnshuffle',
  'torch.nn.modules.pooling':
    'AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d ' +
    'AdaptiveMaxPool3d AvgPool1d AvgPool2d AvgPool3d FractionalMaxPool2d FractionalMaxPool3d ' +
    'LPPool1d LPPool2d LPPool3d MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d ' +
    'MaxUnpool3d',
  'torch.nn.modules.rnn': 'GRU GRUCell LSTM LSTMCell RNN RNNBase RNNCell RNNCellBase',
  'torch.nn.modules.sparse': 'Embedding EmbeddingBag',
  'torch.nn.modules.transformer':
    'Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder ' + 'TransformerEncoderLayer',
  'torch.nn.modules.upsampling': 'Upsample UpsamplingBilinear2d UpsamplingNearest2d',
  'torch.nn.parallel.data_parallel': 'DataParallel',
  'torch.nn.utils.prune':
    'CustomFromMask Identity L1Unstructured LnStructured PruningContainer RandomStructured RandomUnstructured',
  'torch.nn.utils.spectral_norm': 'SpectralNorm SpectralNormLoadStateDictPreHook SpectralNormStateDictHook',
  'torch.nn.utils.weight_norm': 'WeightNorm',
  'torch.optim': 'Adafactor Muon',
  'torch.optim.adadelta': 'Adadelta',
  'torch.optim.adagrad': 'Adagrad',
  'torch.optim.adam': 'Adam',
  'torch.optim.adamax': 'Adamax',
  'torch.optim.adamw': 'AdamW',
  'torch.optim.asgd': 'ASGD',
  'torch.optim.lbfgs': 'LBFGS',
  'torch.optim.lr_scheduler':
    'ChainedScheduler ConstantLR CosineAnnealingLR CosineAnnealingWarmRestarts CyclicLR ' +
    'CyclicLR._exp_range_scale_fn CyclicLR._triangular2_scale_fn CyclicLR._triangular_scale_fn ' +
    'ExponentialLR LambdaLR LinearLR MultiStepLR MultiplicativeLR OneCycleLR ' +
    'OneCycleLR._annealing_cos OneCycleLR._annealing_linear PolynomialLR ReduceLROnPlateau ' +
    'SequentialLR StepLR',
  'torch.optim.nadam': 'NAdam',
  'torch.optim.optimizer': 'Optimizer',
  'torch.optim.radam': 'RAdam',
  'torch.optim.rmsprop': 'RMSprop',
  'torch.optim.rprop': 'Rprop',
  'torch.optim.sgd': 'SGD',
  'torch.optim.sparse_adam': 'SparseAdam',
  'torch.optim.swa_utils': 'AveragedModel SWALR SWALR._cosine_anneal SWALR._linear_anneal',
  'torch.utils.data.dataset': 'ConcatDataset StackDataset Subset TensorDataset',
  'torch.utils.data.distributed': 'DistributedSampler',
  'torch.utils.data.sampler':
    'BatchSampler RandomSampler SequentialSampler SubsetRandomSampler WeightedRandomSampler',
  'torch.utils.hooks': 'RemovableHandle',
  'transformers.trainer_pt_utils': 'AcceleratorConfig',
  'transformers.training_args': 'TrainingArguments',
  'transformers.training_args_seq2seq': 'Seq2SeqTrainingArguments',
};
