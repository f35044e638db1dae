/** Every kind of finding, once: what it is called, how grave it is, why it is dangerous, and how to mend it. */

export interface Rule {
  /** `error`: can run code, or cannot be looked into. `warning`: harms only whoever goes on. `note`: worth a look. */
  level: 'error' | 'warning' | 'note';
  title: string;
  /** One sentence. */
  why: string;
  mend: string;
}

export const RULES = {
  'pickle-import': {
    level: 'error',
    title: 'A pickle imports what no model needs',
    why: 'Loading the file imports this and may call it with any arguments.',
    mend: 'A class of your own: allow it by scan-allow, or save in a format without code (safetensors, ONNX, skops). Anything else: do not load the file, and ask where it comes from.',
  },
  'pickle-import-unresolved': {
    level: 'error',
    title: 'A pickle imports something that cannot be told',
    why: 'What is imported is decided only while the file is loaded, so it can be anything.',
    mend: 'Save the model again with pickle, joblib or torch, or in a format without code.',
  },
  'pickle-broken': {
    level: 'error',
    title: 'A pickle is cut off or inconsistent',
    why: 'Loaders differ in where they stop, so that one may run what another never reaches.',
    mend: 'Save or download the file again.',
  },
  'pickle-bytes-after-stop': {
    level: 'error',
    title: 'Bytes follow the end of a pickle',
    why: 'A loader that reads on finds there what a look at the pickle alone does not show.',
    mend: 'Save the model again with pickle, joblib or torch, which leave nothing there.',
  },
  'pickle-patches-import': {
    level: 'error',
    title: 'A pickle changes a class or function of a library',
    why: 'All that uses the library afterwards does what the file wants.',
    mend: 'Save the model again without cloudpickle or dill, in a format without code.',
  },
  'pickle-outside-data': {
    level: 'warning',
    title: 'A pickle asks its loader for data outside of it',
    why: 'Only torch keeps its tensors in this way; any other loader fails, or has code of its own for it.',
    mend: 'Save the model with torch.save, or with pickle or joblib.',
  },
  'cut-off': {
    level: 'error',
    title: 'The file ends in the middle',
    why: 'What is missing cannot be looked into, and loaders differ in what they make of the rest.',
    mend: 'Save or download the file again.',
  },
  'cannot-look-into': {
    level: 'error',
    title: 'The scan cannot look into a part of the file',
    why: 'What nobody looked into may hold code that a loader runs.',
    mend: 'Save the model in a format that the scan reads, without the compression or nesting that the finding names.',
  },
  'header-does-not-fit': {
    level: 'error',
    title: 'A header says other lengths than the file has',
    why: 'Loaders that trust such a header read or write outside of the data.',
    mend: 'Save the model again with the library of the format.',
  },
  'duplicate-key': {
    level: 'error',
    title: 'A header names the same thing twice',
    why: 'Loaders differ in which of the two they take, so that what was looked at is not what is loaded.',
    mend: 'Save the model again with the library of the format.',
  },
  'bytes-after-end': {
    level: 'warning',
    title: 'Bytes follow where the format ends',
    why: 'Such a file can be a second one of another format to another program.',
    mend: 'Save the model again with the library of the format.',
  },
  'array-header': {
    level: 'error',
    title: 'The header of an array is no plain description',
    why: 'NumPy writes only a plain dictionary there; anything else was written by hand, to confuse what reads it.',
    mend: 'Save the array again with numpy.save.',
  },
  'tensor-layout': {
    level: 'error',
    title: 'Tensors do not lie as the format demands',
    why: 'Tensors that overlap, leave holes or reach past the end can hide data, or crash what maps the file.',
    mend: 'Save the model again with the library of the format.',
  },
  'external-data': {
    level: 'error',
    title: 'The model reads a file from outside of its folder',
    why: 'Loading it reads whatever file of the machine it names, and may serve its content.',
    mend: 'Save the model with its data inside, or in a file beside it.',
  },
  'checkpoint-piece': {
    level: 'error',
    title: 'A checkpoint of torch names other bytes than the pieces that were looked into',
    why: 'Loading it unpickles exactly the bytes that are named, which may lie in the middle of a tensor, where anything passes.',
    mend: 'Save it again with torch.distributed.checkpoint and keep its files together, or make one file of it where it was trained: python -m torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER model.pt.',
  },
  'unknown-operator': {
    level: 'warning',
    title: 'The model needs operators that are not of the standard',
    why: 'They are code in a library that must be loaded beside the model, and that this scan does not see.',
    mend: 'Export with standard operators, or look at where the library comes from.',
  },
  'code-operator': {
    level: 'error',
    title: 'An operator of the model runs code',
    why: 'Running the model runs Python or a library that the model names.',
    mend: 'Export the model without this operator.',
  },
  'file-operator': {
    level: 'error',
    title: 'An operator of the model reads or writes files',
    why: 'Running the model reads or writes files of the machine that serves it.',
    mend: 'Export the model without this operator, and read files before it is called.',
  },
  'save-operator': {
    level: 'note',
    title: 'The graph saves or restores files under a fixed absolute name',
    why: 'Its loader gives such operators their names; a fixed one reads or writes there whenever it is run.',
    mend: 'Export the model again with tf.saved_model.save.',
  },
  'template-code': {
    level: 'error',
    title: 'A chat template reaches for the inside of Python',
    why: 'A library that renders it outside of a sandbox runs what it calls.',
    mend: 'Take the template of the original model.',
  },
  'keras-code': {
    level: 'error',
    title: 'The configuration of a Keras model brings code along',
    why: 'Loading the model runs it.',
    mend: 'Replace the layer by one of Keras, or by a registered class of your own, and save again.',
  },
  'keras-module': {
    level: 'error',
    title: 'The configuration of a Keras model imports what is not Keras',
    why: 'Loading the model imports the module that it names, and may call anything in it.',
    mend: 'Save with layers of Keras, or allow your own class by scan-allow.',
  },
  'keras-custom-object': {
    level: 'warning',
    title: 'A Keras model needs a class of its own',
    why: 'Whoever loads it must bring its code, which this scan does not see.',
    mend: 'Save with layers of Keras, or look at where the class comes from.',
  },
  'keras-file': {
    level: 'error',
    title: 'The configuration of a Keras model names a file',
    why: 'Loading the model reads that file or address of the machine into the model.',
    mend: 'Give the layer its vocabulary as a list, and save again.',
  },
  'hdf5-external': {
    level: 'error',
    title: 'An HDF5 file reads from other files',
    why: 'Loading it reads whatever file of the machine it names.',
    mend: 'Save the model into one file.',
  },
  'xml-entities': {
    level: 'error',
    title: 'An XML file declares a document type or entities',
    why: 'Reading it can read files of the machine, call addresses, or fill the memory.',
    mend: 'Save the model again; no tool that writes PMML declares any.',
  },
  'remote-code': {
    level: 'warning',
    title: 'Loading this model runs Python files beside it',
    why: 'transformers runs them wherever trust_remote_code is on.',
    mend: 'Read these files, pin their revision, or use a model of an architecture that the library has.',
  },
  'named-code': {
    level: 'error',
    title: 'A description of the model names code that its loader runs',
    why: 'Loading the model imports what is named there, or runs Python files that lie in its folder.',
    mend: 'Give code of your own as the input `code` of register-model and leave it out of the model, or allow the name by scan-allow.',
  },
  'python-expression': {
    level: 'error',
    title: 'An exported program holds Python where numbers or names belong',
    why: 'PyTorch evaluates such a text when it loads the program, or writes it into the code that it runs.',
    mend: 'Save the program again with torch.export.save.',
  },
  'machine-code': {
    level: 'error',
    title: 'A program or library of the machine lies in the model',
    why: 'Loaders of compiled models open such a library, which runs whatever is in it, and the scan cannot read it.',
    mend: 'Compile the model where it is served, or allow the library by scan-allow with its sha256.',
  },
  'skops-type': {
    level: 'warning',
    title: 'A skops file holds a type that skops does not know',
    why: 'Whoever says that skops may trust it has its code run.',
    mend: 'Look at where the type comes from before you name it in `trusted`, or save with types of the library.',
  },
  'package-source': {
    level: 'warning',
    title: 'The environment of the model takes packages from elsewhere than the package index',
    why: 'Installing a package runs its code, and nobody but its source knows what that is today.',
    mend: 'Pin the package by its version and take it from the index that your team trusts.',
  },
  secret: {
    level: 'warning',
    title: 'A key or password is written in the model',
    why: 'Everyone who gets the model can use it.',
    mend: 'Withdraw the key where it was made, make a new one, and save the model without it.',
  },
  'notebook-shell': {
    level: 'note',
    title: 'A notebook runs commands of the shell',
    why: 'Running the notebook runs them; a model does not need it.',
    mend: 'Leave the notebook out of the model.',
  },
  unreadable: {
    level: 'error',
    title: 'A part cannot be read to its end',
    why: 'Loaders differ in what they make of a damaged file, so nobody can say that it is harmless.',
    mend: 'Save the model again, and compare its size and digest with those of the machine that wrote it.',
  },
  'too-much': {
    level: 'error',
    title: 'A file holds more than any model needs',
    why: 'Unpacking it fills the memory or the disk of whoever loads it.',
    mend: 'Save the model without nesting archives, and leave out what is not part of it.',
  },
  'archive-disagreement': {
    level: 'error',
    title: 'An archive reads differently to different loaders',
    why: 'What one loader checks is then not what another one loads.',
    mend: 'Make the archive again from its files with an ordinary tool.',
  },
  'archive-hidden': {
    level: 'error',
    title: 'An archive holds bytes that its own list does not name',
    why: 'Another loader can find and load them: a member that only some see, or a second file in the first.',
    mend: 'Make the archive again from its files with an ordinary tool.',
  },
  'archive-path': {
    level: 'error',
    title: 'A member of an archive leaves the folder that it is unpacked into',
    why: 'Unpacking it overwrites files of the machine, which may be programs.',
    mend: 'Make the archive again, with plain relative names.',
  },
  'archive-name': {
    level: 'warning',
    title: 'A member of an archive has a name that systems read differently',
    why: 'It is another file on another system or to another loader.',
    mend: 'Rename the file, in plain UTF-8 with forward slashes, and make the archive again.',
  },
  'archive-link': {
    level: 'error',
    title: 'An archive holds a link or a device',
    why: 'Unpacking it makes a name for another file of the machine, through which later members are read or written.',
    mend: 'Put the file itself into the archive.',
  },
  'archive-duplicate': {
    level: 'error',
    title: 'An archive holds two members of one name',
    why: 'Some loaders take the first and some the last, so that what is checked is not what is loaded.',
    mend: 'Make the archive again from its files.',
  },
  'archive-checksum': {
    level: 'warning',
    title: 'A member of an archive does not have its checksum',
    why: 'Some loaders refuse it and some load it, so that it may have been changed to hide from a check.',
    mend: 'Save the model again.',
  },
} as const satisfies Record<string, Rule>;

export type FindingRule = keyof typeof RULES;
