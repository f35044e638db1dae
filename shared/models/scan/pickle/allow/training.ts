/** The kinds that the arguments of a training with transformers and accelerate are of: enumerations, called with a text. */
export const TRAINING = {
  'transformers.training_args': 'OptimizerNames ParallelMode',
  'transformers.trainer_utils':
    'EvaluationStrategy FSDPOption HubStrategy IntervalStrategy SaveStrategy SchedulerType',
  'transformers.debug_utils': 'DebugOption',
  'accelerate.utils.dataclasses': 'DistributedType',
};
