import { fileName, type Place } from '../finding.ts';
import { namesOf } from '../pickle/allow/names.ts';

/**
 * What the `.metadata` of `torch.distributed.checkpoint` is made of (torch/distributed/checkpoint/metadata.py and
 * filesystem.py): objects that get their attributes by BUILD, and what is called for a value, by module. PyTorch before 2.3
 * had the properties of tensors elsewhere.
 */
const OBJECTS = namesOf([
  {
    'torch.distributed.checkpoint.metadata':
      'BytesStorageMetadata ChunkStorageMetadata Metadata MetadataIndex StorageMeta TensorProperties TensorStorageMetadata',
    'torch.distributed.checkpoint.filesystem': '_StorageInfo',
    'torch.distributed._shard.sharded_tensor.metadata': 'TensorProperties',
  },
]);
const CALLED = namesOf([
  {
    'torch.distributed.checkpoint.metadata': '_MEM_FORMAT_ENCODING',
    'torch.distributed._shard.sharded_tensor.metadata': 'MEM_FORMAT_ENCODING',
    torch: 'Size',
    'torch.serialization': '_get_layout',
    pathlib: 'PosixPath',
    'pathlib._local': 'PosixPath',
  },
]);

export const isCheckpointObject = (module: string, name: string): boolean =>
  OBJECTS.get(module)?.has(name) === true;
export const isCalledInCheckpoint = (module: string, name: string): boolean =>
  CALLED.get(module)?.has(name) === true;

/** One for all ranks, or for each its own. */
export const METADATA_FILE = /^(?:__\d+)?\.metadata$/i;
const DATA_FILE = /\.distcp$/i;

/** Whether loaders take a stream for the metadata of a checkpoint, by its name. */
export const isCheckpointMetadata = (place: Place): boolean => METADATA_FILE.test(fileName(place));
/** Whether a stream may hold the tensors of a checkpoint. */
export const isCheckpointData = (place: Place): boolean => DATA_FILE.test(fileName(place));
